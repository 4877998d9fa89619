// Element-wise functions, the fast twin of kernels/math.ts.
import { Elementwise, map } from './elementwise'
import { normalPower, power } from './exponential'
import { constant, demote, mac, promoteHigh, zero } from './vector'

const ONE = memory.data<f32>([1])
const TWO = memory.data<f32>([2])
const MINUS_HALF = memory.data<f32>([-0.5])
const SIGN = memory.data<u32>([0x80000000])
const INFINITY = memory.data<u32>([0x7f800000])
const MINUS_INFINITY = memory.data<u32>([0xff800000])

@unmanaged @final
class Neg extends Elementwise {
  @inline of(x: v128): v128 {
    return f32x4.neg(x)
  }
}

export function neg(out: usize, x: usize, begin: i32, end: i32): void {
  map<Neg>(out, x, begin, end)
}

@unmanaged @final
class Abs extends Elementwise {
  @inline of(x: v128): v128 {
    return f32x4.abs(x)
  }
}

export function abs(out: usize, x: usize, begin: i32, end: i32): void {
  map<Abs>(out, x, begin, end)
}

@unmanaged @final
class Exp extends Elementwise {
  @inline of(x: v128): v128 {
    return power(x)
  }
}

/** Within 2 ulp. */
export function exp(out: usize, x: usize, begin: i32, end: i32): void {
  map<Exp>(out, x, begin, end)
}

@unmanaged @final
class Log extends Elementwise {
  @inline of(x: v128): v128 {
    return logarithm(x)
  }
}

/** Within 2 ulp. */
export function log(out: usize, x: usize, begin: i32, end: i32): void {
  map<Log>(out, x, begin, end)
}

@unmanaged @final
class Sqrt extends Elementwise {
  @inline of(x: v128): v128 {
    return f32x4.sqrt(x)
  }
}

export function sqrt(out: usize, x: usize, begin: i32, end: i32): void {
  map<Sqrt>(out, x, begin, end)
}

const ONE_64 = memory.data<f64>([1])

@unmanaged @final
class Rsqrt extends Elementwise {
  // In float64, because two roundings to float32 would be off by more than 1 ulp.
  @inline of(x: v128): v128 {
    const one = v128.load64_splat(ONE_64)
    const low = f64x2.div(one, f64x2.sqrt(f64x2.promote_low_f32x4(x)))
    const high = f64x2.div(one, f64x2.sqrt(promoteHigh(x)))
    return demote(low, high)
  }
}

export function rsqrt(out: usize, x: usize, begin: i32, end: i32): void {
  map<Rsqrt>(out, x, begin, end)
}

// tanh(a) = a + a z P(z), z = a^2, below 0.625
const TANH = memory.data<f32>([-5.704982e-3, 2.0639082e-2, -5.373971e-2, 1.3331442e-1, -3.333328e-1])
const TANH_SMALL = memory.data<f32>([0.625])
// From 20 on tanh is 1.
const FORTY = memory.data<f32>([40])

@unmanaged @final
export class Tanh extends Elementwise {
  @inline of(x: v128): v128 {
    const a = f32x4.abs(x)
    const z = f32x4.mul(a, a)
    let p = constant(TANH, 0)
    p = mac(p, z, constant(TANH, 1))
    p = mac(p, z, constant(TANH, 2))
    p = mac(p, z, constant(TANH, 3))
    p = mac(p, z, constant(TANH, 4))
    const small = mac(a, f32x4.mul(z, p), a)
    const divisor = f32x4.add(normalPower(f32x4.pmin(f32x4.add(a, a), constant(FORTY)), zero()), constant(ONE))
    const large = f32x4.sub(constant(ONE), f32x4.div(constant(TWO), divisor))
    return withSign(v128.bitselect(small, large, f32x4.lt(a, constant(TANH_SMALL))), x)
  }
}

/** Within 4 ulp. */
export function tanh(out: usize, x: usize, begin: i32, end: i32): void {
  map<Tanh>(out, x, begin, end)
}

// erf(a) = a + a P(a^2) below 1, then 1 - e^P(a); from 4 on it is 1
const ERF = memory.data<f32>([
  7.853859e-5, -8.010193e-4, 5.1883277e-3, -2.6853811e-2, 1.12835854e-1, -3.7612626e-1, 1.2837917e-1,
])
const ERF_ABOVE_1 = memory.data<f32>([
  1.8637972e-4, -2.9476634e-3, 2.1838084e-2, -1.031068e-1, -6.381448e-1, -1.1270893, -3.4151683e-4,
])
const FOUR = memory.data<f32>([4])

@unmanaged @final
class Erf extends Elementwise {
  @inline of(x: v128): v128 {
    const a = f32x4.abs(x)
    const small = mac(a, polynomial7(ERF, f32x4.mul(a, a)), a)
    const capped = f32x4.pmin(a, constant(FOUR))
    const large = f32x4.sub(constant(ONE), power(polynomial7(ERF_ABOVE_1, capped)))
    return withSign(v128.bitselect(small, large, f32x4.lt(a, constant(ONE))), x)
  }
}

/** Within 4 ulp. */
export function erf(out: usize, x: usize, begin: i32, end: i32): void {
  map<Erf>(out, x, begin, end)
}

// @ts-ignore: decorator
@inline function polynomial7(table: usize, x: v128): v128 {
  let p = constant(table, 0)
  p = mac(p, x, constant(table, 1))
  p = mac(p, x, constant(table, 2))
  p = mac(p, x, constant(table, 3))
  p = mac(p, x, constant(table, 4))
  p = mac(p, x, constant(table, 5))
  return mac(p, x, constant(table, 6))
}

// @ts-ignore: decorator
@inline function withSign(magnitude: v128, x: v128): v128 {
  return v128.or(magnitude, v128.and(x, constant(SIGN)))
}

// log(1 + f) = f - f^2/2 + f^3 P(f)
const LOG = memory.data<f32>([
  6.7465775e-2, -1.1679648e-1, 1.189033e-1, -1.2405137e-1, 1.4219223e-1, -1.6668007e-1, 2.0002134e-1, -2.500001e-1,
  3.3333313e-1,
])
const LN2_HIGH = memory.data<f32>([0.693359375])
const LN2_LOW = memory.data<f32>([-2.1219444e-4])
const ROOT_HALF = memory.data<f32>([0.70710678])
const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38])
const TWO_TO_23 = memory.data<f32>([8388608])
const TWENTY_THREE = memory.data<f32>([23])

/** x = 2^e m with m between the roots of 1/2 and 2, so log(x) = e ln 2 + log(m). */
// @ts-ignore: decorator
@inline export function logarithm(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(SMALLEST_NORMAL))
  const y = v128.bitselect(f32x4.mul(x, constant(TWO_TO_23)), x, subnormal)
  const exponent = i32x4.shr_s(i32x4.sub(y, constant(ROOT_HALF)), 23)
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(constant(TWENTY_THREE), subnormal))
  const f = f32x4.sub(i32x4.sub(y, i32x4.shl(exponent, 23)), constant(ONE))
  let p = constant(LOG, 0)
  p = mac(p, f, constant(LOG, 1))
  p = mac(p, f, constant(LOG, 2))
  p = mac(p, f, constant(LOG, 3))
  p = mac(p, f, constant(LOG, 4))
  p = mac(p, f, constant(LOG, 5))
  p = mac(p, f, constant(LOG, 6))
  p = mac(p, f, constant(LOG, 7))
  p = mac(p, f, constant(LOG, 8))
  const square = f32x4.mul(f, f)
  let sum = mac(e, constant(LN2_LOW), f32x4.mul(f32x4.mul(f, square), p))
  sum = mac(square, constant(MINUS_HALF), sum)
  sum = mac(e, constant(LN2_HIGH), f32x4.add(f, sum))
  sum = v128.bitselect(x, sum, f32x4.eq(x, constant(INFINITY)))
  sum = v128.bitselect(constant(MINUS_INFINITY), sum, f32x4.eq(x, zero()))
  const inDomain = f32x4.ge(x, zero())
  return v128.or(sum, v128.not(inDomain))
}
