// Activation functions, the fast twin of kernels/activation.ts.
import { Elementwise, map } from './elementwise'
import { vanishingPower, power } from './exponential'
import { constant, mac, zero } from './vector'

const ONE = memory.data<f32>([1])
const MINUS_HALF = memory.data<f32>([-0.5])

@unmanaged @final
export class Relu extends Elementwise {
  @inline of(x: v128): v128 {
    return f32x4.max(x, zero())
  }
}

export function relu(out: usize, x: usize, begin: i32, end: i32): void {
  map<Relu>(out, x, begin, end)
}

@unmanaged @final
export class Sigmoid extends Elementwise {
  @inline of(x: v128): v128 {
    return gated(constant(ONE), x, power(minusMagnitude(x)))
  }
}

/** Within 4 ulp. */
export function sigmoid(out: usize, x: usize, begin: i32, end: i32): void {
  map<Sigmoid>(out, x, begin, end)
}

@unmanaged @final
export class Silu extends Elementwise {
  @inline of(x: v128): v128 {
    return gated(x, x, power(minusMagnitude(x)))
  }
}

/** Within 4 ulp, below -87 within 1e-42. */
export function silu(out: usize, x: usize, begin: i32, end: i32): void {
  map<Silu>(out, x, begin, end)
}

// 2 sqrt(2 / pi) and 0.044715 times it
const CUBIC = memory.data<f32>([0.07135481628, 1.59576912161])

@unmanaged @final
export class GeluTanh extends Elementwise {
  @inline of(x: v128): v128 {
    const u = f32x4.mul(x, mac(f32x4.mul(x, x), constant(CUBIC, 0), constant(CUBIC, 1)))
    return gated(x, u, vanishingPower(minusMagnitude(u), zero()))
  }
}

/** Within 4 ulp or 1e-7, whichever is more. */
export function geluTanh(out: usize, x: usize, begin: i32, end: i32): void {
  map<GeluTanh>(out, x, begin, end)
}

/** value / (1 + e^-u), given e^-|u|, which cannot overflow and keeps its digits far below zero. */
// @ts-ignore: decorator
@inline function gated(value: v128, u: v128, e: v128): v128 {
  const share = v128.bitselect(f32x4.mul(value, e), value, f32x4.lt(u, zero()))
  return f32x4.div(share, f32x4.add(e, constant(ONE)))
}

// @ts-ignore: decorator
@inline function minusMagnitude(x: v128): v128 {
  return f32x4.neg(f32x4.abs(x))
}

// The share of a normal distribution above a is e^(-a^2/2) P(a) / Q(a); at 15 it is less than any float32.
const FARTHEST = memory.data<f32>([15])
const UPPER_BITS = memory.data<u32>([0xfffff000])
const P = memory.data<f32>([4.1238316e-3, 4.068397e-2, 1.8338576e-1, 4.3849838e-1, 0.5])
const Q = memory.data<f32>([1.0336795e-2, 1.0198597e-1, 4.698682e-1, 1.2031289, 1.6748818, 1])

@unmanaged @final
export class Gelu extends Elementwise {
  // x * (share below x) = max(x, 0) - |x| * (share above |x|), which keeps its digits far below zero.
  @inline of(x: v128): v128 {
    // Capped at the upper side only, so that -Infinity gives NaN as the definition does.
    const a = f32x4.abs(f32x4.pmin(x, constant(FARTHEST)))
    const z = f32x4.pmin(a, constant(FARTHEST))
    // z^2 = high^2 + (z - high) (z + high), the first part without rounding
    const high = v128.and(z, constant(UPPER_BITS))
    const low = f32x4.mul(f32x4.sub(z, high), f32x4.add(z, high))
    const e = vanishingPower(
      f32x4.mul(f32x4.mul(high, high), constant(MINUS_HALF)),
      f32x4.mul(low, constant(MINUS_HALF)),
    )
    let p = constant(P, 0)
    p = mac(p, z, constant(P, 1))
    p = mac(p, z, constant(P, 2))
    p = mac(p, z, constant(P, 3))
    p = mac(p, z, constant(P, 4))
    let q = constant(Q, 0)
    q = mac(q, z, constant(Q, 1))
    q = mac(q, z, constant(Q, 2))
    q = mac(q, z, constant(Q, 3))
    q = mac(q, z, constant(Q, 4))
    q = mac(q, z, constant(Q, 5))
    return f32x4.sub(f32x4.pmax(x, zero()), f32x4.mul(f32x4.mul(a, e), f32x4.div(p, q)))
  }
}

/** Relative error at most 1e-6, as long as the result is a normal number. */
export function gelu(out: usize, x: usize, begin: i32, end: i32): void {
  map<Gelu>(out, x, begin, end)
}
