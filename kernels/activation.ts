// Activation functions, element by element: out[i] = f(x[i]) for begin <= i < end. out may be x.
// At -Infinity the smooth ones give NaN (-Infinity times 0), as PyTorch's do.
import { erfcTail, erfOf, tanh } from './math.ts'

type Array32 = Float32Array

/** out = max(x, 0); NaN stays NaN. */
export function relu(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = Math.max(x[i]!, 0)
}

/** out = 1 / (1 + e^-x) */
export function sigmoid(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = logistic(x[i]!)
}

/** out = x / (1 + e^-x), also called swish. */
export function silu(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = x[i]! * logistic(x[i]!)
}

/** out = x times the share of a normal distribution below x: x/2 (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel 2016). */
export function gelu(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = geluOf(x[i]!)
}

/** out = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2's approximation, Hugging Face's gelu_new. */
export function geluTanh(out: Array32, x: Array32, begin: number, end: number): void {
  for (let i = begin; i < end; i++) {
    const v = x[i]!
    out[i] = v * logistic(2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))
  }
}

/** The functions that a product may end with: the number of one is its place here. */
export const endings = ['none', 'relu', 'gelu', 'geluTanh', 'tanh', 'sigmoid', 'silu'] as const

/** Applies the function of that number to x in place, for begin <= i < end. */
export function ended(x: Array32, ending: number, begin: number, end: number): void {
  const name = endings[ending] ?? 'none'
  if (name !== 'none') ({ relu, gelu, geluTanh, tanh, sigmoid, silu })[name](x, x, begin, end)
}

/** 1 / (1 + e^-x), which is also (1 + tanh(x / 2)) / 2 but keeps its precision where tanh is near -1. */
function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Far below zero erf is so close to -1 that 1 + erf has no digits left; its complement erfc has them all. */
function geluOf(x: number): number {
  const z = x / Math.SQRT2
  return z < -3 ? (x / 2) * erfcTail(-z) : (x / 2) * (1 + erfOf(z))
}
