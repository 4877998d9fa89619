// Layer normalisation, the fast twin of kernels/layerNorm.ts.
import { lanesBelow, load, mac, store, sumOfLanes, zero } from './vector'

export function layerNorm(
  out: usize, x: usize, weight: usize, bias: usize, eps: f32, cols: i32, begin: i32, end: i32,
): void {
  const row = (<usize>cols) << 2
  out += (<usize>begin) * row
  x += (<usize>begin) * row
  for (let r = begin; r < end; r++, out += row, x += row) {
    const mean = f32x4.splat(sumOf(x, cols) / <f32>cols)
    normalise(out, x, weight, bias, eps, cols, mean)
  }
}

/** The sum of a row, rounded. */
// @ts-ignore: decorator
@inline function sumOf(x: usize, cols: i32): f32 {
  let a = zero()
  let b = zero()
  let count = cols
  for (; count >= 8; count -= 8, x += 32) {
    a = f32x4.add(a, v128.load(x))
    b = f32x4.add(b, v128.load(x, 16))
  }
  for (; count > 0; count -= 4, x += 16) a = f32x4.add(a, load(x, count))
  return sumOfLanes(f32x4.add(a, b))
}

/** One row, given its mean as rounding left it: what the mean lacks is found together with the variance. */
// @ts-ignore: decorator
@inline function normalise(
  out: usize, x: usize, weight: usize, bias: usize, eps: f32, cols: i32, mean: v128,
): void {
  let total = zero()
  let squares = zero()
  let more = zero()
  let moreSquares = zero()
  let at = x
  let count = cols
  for (; count >= 8; count -= 8, at += 32) {
    const d = f32x4.sub(v128.load(at), mean)
    const e = f32x4.sub(v128.load(at, 16), mean)
    total = f32x4.add(total, d)
    more = f32x4.add(more, e)
    squares = mac(d, d, squares)
    moreSquares = mac(e, e, moreSquares)
  }
  for (; count > 0; count -= 4, at += 16) {
    const d = v128.and(f32x4.sub(load(at, count), mean), lanesBelow(count))
    total = f32x4.add(total, d)
    squares = mac(d, d, squares)
  }
  const missing = <f64>sumOfLanes(f32x4.add(total, more)) / <f64>cols
  const variance = <f64>sumOfLanes(f32x4.add(squares, moreSquares)) / <f64>cols - missing * missing
  const scale = f32x4.splat(<f32>(1 / Math.sqrt(max<f64>(variance, 0) + <f64>eps)))
  const shift = f32x4.splat(<f32>missing)
  for (count = cols; count >= 8; count -= 8, out += 32, x += 32, weight += 32, bias += 32) {
    const d = f32x4.sub(f32x4.sub(v128.load(x), mean), shift)
    const e = f32x4.sub(f32x4.sub(v128.load(x, 16), mean), shift)
    const first = mac(f32x4.mul(d, scale), v128.load(weight), v128.load(bias))
    const second = mac(f32x4.mul(e, scale), v128.load(weight, 16), v128.load(bias, 16))
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, out += 16, x += 16, weight += 16, bias += 16) {
    const d = f32x4.sub(f32x4.sub(load(x, count), mean), shift)
    store(out, mac(f32x4.mul(d, scale), load(weight, count), load(bias, count)), count)
  }
}
