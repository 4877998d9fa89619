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
  return scaled(x, shifted, restOf(clamp(x), shifted))
}

const LOWEST_NORMAL = memory.data<f32>([-87])

/**
 * e^(x + low), where low is a small number that x has no digits for, within 2 ulp for x from -87 to 88. What is below -87 counts as
 * -87; what is above 88 must not come. Less work than `power`, because the result is never subnormal.
 */
// @ts-ignore: decorator
@inline export function normalPower(x: v128, low: v128): v128 {
  const y = f32x4.pmax(x, constant(LOWEST_NORMAL))
  const shifted = mac(y, constant(LOG2_E), constant(ROUNDING))
  const p = polynomial(f32x4.add(restOf(y, shifted), low))
  return i32x4.add(p, i32x4.shl(shifted, 23))
}

/** The same, but 0 where x is below -87. NaN stays NaN. */
// @ts-ignore: decorator
@inline export function vanishingPower(x: v128, low: v128): v128 {
  return v128.andnot(normalPower(x, low), f32x4.lt(x, constant(LOWEST_NORMAL)))
}

/** x between LOWEST and HIGHEST. The order of the operands lets NaN through. */
// @ts-ignore: decorator
@inline function clamp(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, constant(LOWEST)), constant(HIGHEST))
}

/** r = x - n ln 2, with n in `shifted`. */
// @ts-ignore: decorator
@inline function restOf(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, constant(ROUNDING))
  return mac(n, constant(LN2_LOW), mac(n, constant(LN2_HIGH), x))
}

/** e^r */
// @ts-ignore: decorator
@inline function polynomial(r: v128): v128 {
  let p = constant(P, 0)
  p = mac(p, r, constant(P, 1))
  p = mac(p, r, constant(P, 2))
  p = mac(p, r, constant(P, 3))
  p = mac(p, r, constant(P, 4))
  return mac(p, f32x4.mul(r, r), f32x4.add(r, constant(ONE)))
}

/** 2^n e^r, or 0 where x is too low. */
// @ts-ignore: decorator
@inline function scaled(x: v128, shifted: v128, r: v128): v128 {
  const p = polynomial(r)
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
