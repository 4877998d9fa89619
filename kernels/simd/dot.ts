// Scalar products of one row with many.
import { load, mac, store, sumOfLanes, sumsOfLanes, zero } from './vector'

/**
 * out[c] = scale * (a . b[c]) for c < count; a and the rows of b have `length` numbers, and those of b begin `step` bytes
 * apart. Each product has the same bits whatever stands beside it.
 */
export function dots(out: usize, a: usize, b: usize, length: i32, step: usize, count: i32, scale: f32): void {
  const factor = f32x4.splat(scale)
  for (; count >= 4; count -= 4, out += 16, b += step << 2) {
    v128.store(out, f32x4.mul(fourDots(a, b, length, step), factor))
  }
  for (; count > 0; count--, out += 4, b += step) f32.store(out, oneDot(a, b, length) * scale)
}

// @ts-ignore: decorator
@inline function fourDots(a: usize, b: usize, length: i32, step: usize): v128 {
  let b1 = b + step
  let b2 = b1 + step
  let b3 = b2 + step
  let s0 = zero()
  let s1 = zero()
  let s2 = zero()
  let s3 = zero()
  for (; length >= 4; length -= 4) {
    const v = v128.load(a)
    s0 = mac(v128.load(b), v, s0)
    s1 = mac(v128.load(b1), v, s1)
    s2 = mac(v128.load(b2), v, s2)
    s3 = mac(v128.load(b3), v, s3)
    a += 16
    b += 16
    b1 += 16
    b2 += 16
    b3 += 16
  }
  if (length > 0) {
    const v = load(a, length)
    s0 = mac(load(b, length), v, s0)
    s1 = mac(load(b1, length), v, s1)
    s2 = mac(load(b2, length), v, s2)
    s3 = mac(load(b3, length), v, s3)
  }
  return sumsOfLanes(s0, s1, s2, s3)
}

// @ts-ignore: decorator
@inline function oneDot(a: usize, b: usize, length: i32): f32 {
  let sum = zero()
  for (; length > 0; length -= 4, a += 16, b += 16) sum = mac(load(b, length), load(a, length), sum)
  return sumOfLanes(sum)
}
