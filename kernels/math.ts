// Element-wise functions of one array: out[i] = f(x[i]) for begin <= i < end. out may be x.
// The definitions compute in float64 and round once, so they are within half a unit in the last place of the true value.

type Array32 = Float32Array

/** out = -x */
export function neg(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = -x[i]!
}

/** out = |x| */
export function abs(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.abs(x[i]!)
}

/** out = e^x; 0 below about -103.97, Infinity above about 88.72. */
export function exp(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.exp(x[i]!)
}

/** out = natural logarithm of x; -Infinity at 0, NaN below 0. */
export function log(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.log(x[i]!)
}

/** out = square root of x; NaN below 0. */
export function sqrt(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.sqrt(x[i]!)
}

/** out = 1 / square root of x. */
export function rsqrt(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = 1 / Math.sqrt(x[i]!)
}

/** out = hyperbolic tangent of x. */
export function tanh(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.tanh(x[i]!)
}

/** out = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export function erf(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = erfOf(x[i]!)
}

/**
 * The error function in float64. Below 3: erf(x) = 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)), whose terms are
 * all of one sign. From 3 on: 1 - erfc(x) by the continued fraction of erfc (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
export function erfOf(x: number): number {
  const z = Math.abs(x)
  if (z < 3) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum
  }
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - erfcTail(z))
}

/** erfc(z) for z >= 3: e^(-z^2) / sqrt(pi) / (z + (1/2)/(z + 1/(z + (3/2)/(z + ...)))). */
export function erfcTail(z: number): number {
  let fraction = z
  for (let n = 60; n > 0; n--) fraction = z + n / 2 / fraction
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction
}
