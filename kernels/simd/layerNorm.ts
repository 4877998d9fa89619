// Layer normalisation of rows: see kernels/layerNorm.ts.
import { loadPart, mac, storePart, sum4, zero } from './vector'

/** The first `count` lanes; the others 0. */
// @ts-ignore: decorator
@inline
function firstLanes(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.lt_s(v128.load(lanes), i32x4.splat(count)))
}

const lanes: usize = memory.data<i32>([0, 1, 2, 3], 16)

export function layerNorm(
  out: usize,
  x: usize,
  weight: usize,
  bias: usize,
  eps: f32,
  cols: i32,
  begin: i32,
  end: i32,
): void {
  const whole = cols & ~3
  const rest = cols - whole
  const tail = whole << 2
  for (let r = begin; r < end; r++) {
    const from = x + (r * cols << 2)
    const to = out + (r * cols << 2)
    let a = zero()
    for (let i = 0; i < whole; i += 4) a = f32x4.add(a, v128.load(from + (i << 2)))
    if (rest) a = f32x4.add(a, loadPart(from + tail, rest))
    const mean = f32x4.splat(sum4(a) / <f32>cols)
    // The mean of many float32 is a little off. What is left of it after subtracting says by how much.
    let left = zero()
    a = zero()
    for (let i = 0; i < whole; i += 4) {
      const d = f32x4.sub(v128.load(from + (i << 2)), mean)
      left = f32x4.add(left, d)
      a = mac(d, d, a)
    }
    if (rest) {
      const d = firstLanes(f32x4.sub(loadPart(from + tail, rest), mean), rest)
      left = f32x4.add(left, d)
      a = mac(d, d, a)
    }
    const off = sum4(left) / <f32>cols
    const variance = max<f32>(sum4(a) / <f32>cols - off * off, 0)
    const scale = f32x4.splat(<f32>1 / sqrt<f32>(variance + eps))
    const shift = f32x4.splat(off)
    for (let i = 0; i < whole; i += 4) {
      const d = f32x4.mul(f32x4.sub(f32x4.sub(v128.load(from + (i << 2)), mean), shift), scale)
      v128.store(to + (i << 2), mac(d, v128.load(weight + (i << 2)), v128.load(bias + (i << 2))))
    }
    if (rest) {
      const d = f32x4.mul(f32x4.sub(f32x4.sub(loadPart(from + tail, rest), mean), shift), scale)
      storePart(to + tail, mac(d, loadPart(weight + tail, rest), loadPart(bias + tail, rest)), rest)
    }
  }
}
