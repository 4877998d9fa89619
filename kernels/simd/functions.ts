// Functions of four numbers at once, at float32 accuracy. NaN stays NaN.
import * as c from './constants'
import { k } from './constants'
import { mac } from './vector'

/**
 * e^(x + low), for a small correction `low`: 2^n e^r with |r| <= ln 2 / 2. 2^n is multiplied on in two steps, so that results
 * below 2^-126 lose their digits one by one.
 */
// @ts-ignore: decorator
@inline
export function expSum(x: v128, low: v128): v128 {
  const y = f32x4.pmin(f32x4.pmax(x, k(c.EXP_LEAST)), k(c.EXP_MOST))
  const t = mac(y, k(c.LOG2E), k(c.MAGIC))
  const n = f32x4.sub(t, k(c.MAGIC))
  const r = f32x4.add(mac(n, k(c.LN2_LOW), mac(n, k(c.LN2_HIGH), y)), low)
  let p = mac(k(c.EXP_6), r, k(c.EXP_5))
  p = mac(p, r, k(c.EXP_4))
  p = mac(p, r, k(c.EXP_3))
  p = mac(p, r, k(c.EXP_2))
  p = mac(p, r, k(c.EXP_1))
  p = mac(p, f32x4.mul(r, r), f32x4.add(r, k(c.ONE)))
  const power = i32x4.sub(t, k(c.MAGIC))
  const half = i32x4.shr_s(power, 1)
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(power, half)))
}

// @ts-ignore: decorator
@inline
export function expOf(x: v128): v128 {
  return expSum(x, i32x4.splat(0))
}

/** 2^n for whole n from -126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), k(c.ONE))
}

/** A polynomial in x^2 below 0.625, 1 - 2 / (e^(2x) + 1) above. */
// @ts-ignore: decorator
@inline
export function tanhOf(x: v128): v128 {
  const z = f32x4.mul(x, x)
  let p = mac(k(c.TANH_5), z, k(c.TANH_4))
  p = mac(p, z, k(c.TANH_3))
  p = mac(p, z, k(c.TANH_2))
  p = mac(p, z, k(c.TANH_1))
  const small = mac(f32x4.mul(p, z), x, x)
  const a = f32x4.abs(x)
  const large = f32x4.sub(k(c.ONE), f32x4.div(k(c.TWO), f32x4.add(expOf(f32x4.add(a, a)), k(c.ONE))))
  return v128.bitselect(small, withSign(large, x), f32x4.lt(a, k(c.TANH_SMALL)))
}

// @ts-ignore: decorator
@inline
function withSign(size: v128, sign: v128): v128 {
  return v128.bitselect(sign, size, i32x4.splat(0x80000000))
}

/** A polynomial in x^2 below 1, 1 - erfc(|x|) above. */
// @ts-ignore: decorator
@inline
export function erfOf(x: v128): v128 {
  const z = f32x4.mul(x, x)
  let p = mac(k(c.ERF_6), z, k(c.ERF_5))
  p = mac(p, z, k(c.ERF_4))
  p = mac(p, z, k(c.ERF_3))
  p = mac(p, z, k(c.ERF_2))
  p = mac(p, z, k(c.ERF_1))
  p = mac(p, z, k(c.ERF_0))
  const a = f32x4.abs(x)
  const tail = f32x4.mul(expOf(f32x4.neg(z)), erfcScaled(a))
  return v128.bitselect(f32x4.mul(x, p), withSign(f32x4.sub(k(c.ONE), tail), x), f32x4.lt(a, k(c.ONE)))
}

/** erfc(z) e^(z^2) for z >= 0, and for no larger z than matters: q(t) / (1 + 2 z) with t = (z - 3.75) / (z + 3.75), both quotients from one division. */
// @ts-ignore: decorator
@inline
function erfcScaled(size: v128): v128 {
  const z = f32x4.pmin(size, k(c.ERFC_END))
  const w = mac(z, k(c.TWO), k(c.ONE))
  const v = f32x4.add(z, k(c.ERFC_CENTRE))
  const inverse = f32x4.div(k(c.ONE), f32x4.mul(v, w))
  const t = f32x4.mul(f32x4.mul(f32x4.sub(z, k(c.ERFC_CENTRE)), w), inverse)
  let q = mac(k(c.ERFC_10), t, k(c.ERFC_9))
  q = mac(q, t, k(c.ERFC_8))
  q = mac(q, t, k(c.ERFC_7))
  q = mac(q, t, k(c.ERFC_6))
  q = mac(q, t, k(c.ERFC_5))
  q = mac(q, t, k(c.ERFC_4))
  q = mac(q, t, k(c.ERFC_3))
  q = mac(q, t, k(c.ERFC_2))
  q = mac(q, t, k(c.ERFC_1))
  q = mac(q, t, k(c.ERFC_0))
  return f32x4.mul(q, f32x4.mul(v, inverse))
}

/**
 * max(x, 0) - |x|/2 erfc(|x| / sqrt 2): the tail keeps its relative accuracy. x^2 is formed in two parts, because e^(-x^2 / 2)
 * magnifies its rounding. Above 14 the second term is 0; it must not become Infinity times 0 there.
 */
// @ts-ignore: decorator
@inline
export function geluOf(x: v128): v128 {
  const a = f32x4.abs(x)
  const b = f32x4.pmin(a, k(c.ERFC_END))
  const high = v128.and(b, i32x4.splat(0xfffff000))
  const low = f32x4.mul(f32x4.mul(f32x4.sub(b, high), f32x4.add(b, high)), k(c.MINUS_HALF))
  const e = expSum(f32x4.mul(f32x4.mul(high, high), k(c.MINUS_HALF)), low)
  const tail = f32x4.mul(f32x4.mul(f32x4.mul(a, k(c.HALF)), e), erfcScaled(f32x4.mul(a, k(c.SQRT_HALF))))
  return f32x4.sub(f32x4.max(x, i32x4.splat(0)), v128.andnot(tail, f32x4.gt(x, k(c.GELU_END))))
}

/** x / (1 + e^(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3): the form with tanh, without its cancellation below 0. */
// @ts-ignore: decorator
@inline
export function geluTanhOf(x: v128): v128 {
  const minusTwoU = f32x4.mul(x, mac(f32x4.mul(x, x), k(c.GELU_CUBIC), k(c.GELU_LINEAR)))
  return f32x4.div(x, f32x4.add(k(c.ONE), expOf(minusTwoU)))
}

/** x = m 2^e with m from sqrt(1/2) to sqrt(2): ln x = ln m + e ln 2. */
// @ts-ignore: decorator
@inline
export function logOf(x: v128): v128 {
  const isTiny = f32x4.lt(x, k(c.SMALLEST_NORMAL))
  const y = v128.bitselect(f32x4.mul(x, k(c.TWO_23)), x, isTiny)
  // Subtracting the bits of sqrt(1/2) makes the exponent field count from there.
  const offset = i32x4.sub(y, k(c.SQRT_HALF))
  const exponent = i32x4.sub(i32x4.shr_s(offset, 23), v128.and(isTiny, i32x4.splat(23)))
  const m = i32x4.add(v128.and(offset, i32x4.splat(0x7fffff)), k(c.SQRT_HALF))
  const e = f32x4.convert_i32x4_s(exponent)
  const z = f32x4.sub(m, k(c.ONE))
  let p = mac(k(c.LOG_9), z, k(c.LOG_8))
  p = mac(p, z, k(c.LOG_7))
  p = mac(p, z, k(c.LOG_6))
  p = mac(p, z, k(c.LOG_5))
  p = mac(p, z, k(c.LOG_4))
  p = mac(p, z, k(c.LOG_3))
  p = mac(p, z, k(c.LOG_2))
  p = mac(p, z, k(c.LOG_1))
  const square = f32x4.mul(z, z)
  let r = mac(e, k(c.LN2_REST), f32x4.mul(f32x4.mul(p, square), z))
  r = mac(square, k(c.MINUS_HALF), r)
  r = mac(e, k(c.LN2_MAIN), f32x4.add(z, r))
  const infinity = i32x4.splat(0x7f800000)
  // 0 -> -Infinity; below 0 and NaN -> NaN; Infinity stays.
  r = v128.bitselect(f32x4.neg(infinity), r, f32x4.eq(x, i32x4.splat(0)))
  r = v128.bitselect(x, r, f32x4.eq(x, infinity))
  return v128.or(r, v128.not(f32x4.ge(x, i32x4.splat(0))))
}
