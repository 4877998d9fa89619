// One loop for all functions of one number: which function is a constant, so that every export is compiled on its own.
import * as c from './constants'
import { k } from './constants'
import { erfOf, expOf, geluOf, geluTanhOf, logOf, tanhOf } from './functions'
import { loadPart, storePart } from './vector'

/** The functions by number. */
export namespace F {
  // @ts-ignore: decorator
  @inline export const neg: i32 = 0
  // @ts-ignore: decorator
  @inline export const abs: i32 = 1
  // @ts-ignore: decorator
  @inline export const exp: i32 = 2
  // @ts-ignore: decorator
  @inline export const log: i32 = 3
  // @ts-ignore: decorator
  @inline export const sqrt: i32 = 4
  // @ts-ignore: decorator
  @inline export const rsqrt: i32 = 5
  // @ts-ignore: decorator
  @inline export const tanh: i32 = 6
  // @ts-ignore: decorator
  @inline export const erf: i32 = 7
  // @ts-ignore: decorator
  @inline export const relu: i32 = 8
  // @ts-ignore: decorator
  @inline export const sigmoid: i32 = 9
  // @ts-ignore: decorator
  @inline export const silu: i32 = 10
  // @ts-ignore: decorator
  @inline export const gelu: i32 = 11
  // @ts-ignore: decorator
  @inline export const geluTanh: i32 = 12
}

// @ts-ignore: decorator
@inline
function apply(f: i32, x: v128): v128 {
  if (f == F.neg) return f32x4.neg(x)
  if (f == F.abs) return f32x4.abs(x)
  if (f == F.exp) return expOf(x)
  if (f == F.log) return logOf(x)
  if (f == F.sqrt) return f32x4.sqrt(x)
  if (f == F.rsqrt) return f32x4.div(k(c.ONE), f32x4.sqrt(x))
  if (f == F.tanh) return tanhOf(x)
  if (f == F.erf) return erfOf(x)
  if (f == F.relu) return f32x4.max(x, i32x4.splat(0))
  if (f == F.sigmoid) return f32x4.div(k(c.ONE), f32x4.add(k(c.ONE), expOf(f32x4.neg(x))))
  if (f == F.silu) return f32x4.div(x, f32x4.add(k(c.ONE), expOf(f32x4.neg(x))))
  if (f == F.gelu) return geluOf(x)
  return geluTanhOf(x)
}

/** out[i] = f(x[i]); pairs of vectors are loaded before they are stored, so that an engine may join them. */
// @ts-ignore: decorator
@inline
export function map(f: i32, out: usize, x: usize, begin: i32, end: i32): void {
  x += begin << 2
  out += begin << 2
  let left = end - begin
  for (; left >= 8; left -= 8, x += 32, out += 32) {
    const a = apply(f, v128.load(x))
    const b = apply(f, v128.load(x, 16))
    v128.store(out, a)
    v128.store(out, b, 16)
  }
  if (left >= 4) {
    v128.store(out, apply(f, v128.load(x)))
    left -= 4
    x += 16
    out += 16
  }
  if (left > 0) storePart(out, apply(f, loadPart(x, left)), left)
}
