// e^x for four numbers: x = n ln 2 + r with a whole n and |r| <= ln 2 / 2, so e^x = 2^n e^r.
import { constant, mac } from './vector'

const LOWEST = memory.data<f32>([-104])
const HIGHEST = memory.data<f32>([89])
const LOG2_E = memory.data<f32>([1.44269504])
// Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
const ROUNDING = memory.data<f32>([12582912])
// -ln 2 in two parts, the first with so few bits that n times it is exact.
const LN2_HIGH = memory.data<f32>([-0.693359375])
const LN2_LOW = memory.data<f32>([2.1219444e-4])
const ONE = memory.data<f32>([1])
// e^r = 1 + r + r^2 P(r)
const P = memory.data<f32>([1.3814466e-3, 8.368781e-3, 4.1668393e-2, 1.666652e-1, 4.9999994e-1])

/** e^x within 2 ulp: 0 below -104, Infinity above 88.7, gradual underflow between; NaN stays NaN. */
// @ts-ignore: decorator
@inline export function power(x: v128): v128 {
  const shifted = mac(clamp(x), constant(LOG2_E), constant(ROUNDING))
  return scaled(x, shifted, rest(x, shifted))
}

/** e^(x + low) where low is what x lost when it was rounded: a small number. */
// @ts-ignore: decorator
@inline export function powerOfSum(x: v128, low: v128): v128 {
  const shifted = mac(clamp(x), constant(LOG2_E), constant(ROUNDING))
  return scaled(x, shifted, f32x4.add(rest(x, shifted), low))
}

/** x between LOWEST and HIGHEST. The order of the operands lets NaN through. */
// @ts-ignore: decorator
@inline function clamp(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, constant(LOWEST)), constant(HIGHEST))
}

/** r = x - n ln 2, with n in `shifted`. */
// @ts-ignore: decorator
@inline function rest(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, constant(ROUNDING))
  return mac(n, constant(LN2_LOW), mac(n, constant(LN2_HIGH), clamp(x)))
}

/** 2^n e^r, or 0 where x is too low. */
// @ts-ignore: decorator
@inline function scaled(x: v128, shifted: v128, r: v128): v128 {
  let p = constant(P, 0)
  p = mac(p, r, constant(P, 1))
  p = mac(p, r, constant(P, 2))
  p = mac(p, r, constant(P, 3))
  p = mac(p, r, constant(P, 4))
  p = mac(p, f32x4.mul(r, r), f32x4.add(r, constant(ONE)))
  // In two steps, because 2^n alone can be too large or too small. Only the second one may round.
  const half = i32x4.shr_u(shifted, 1)
  const partly = f32x4.mul(p, powerOfTwo(half))
  // What is too low becomes 0 before that, because underflow is slow.
  return f32x4.mul(v128.andnot(partly, f32x4.lt(x, constant(LOWEST))), powerOfTwo(i32x4.sub(shifted, half)))
}

/** 2^n for the n in the low bits, by way of the exponent's bits. */
// @ts-ignore: decorator
@inline function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), constant(ONE))
}
