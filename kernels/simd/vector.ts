// What the twins share: multiply-add, constants from memory, and functions of four numbers at once.
// Constants of vectors are loaded from a table: V8 builds a literal anew at every use, which costs more than a load.

/** c + a * b, fused where the module is built for relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function mac(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(c, f32x4.mul(a, b))
}

// @ts-ignore: decorator
@inline
export function zero(): v128 {
  return i32x4.splat(0)
}

/** The sum of four numbers, always in the same order. */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** The first `count` (1 to 3) numbers at p; the other lanes are 0. Reads nothing behind them. */
// @ts-ignore: decorator
@inline
export function loadPart(p: usize, count: i32): v128 {
  let v = v128.load32_zero(p)
  if (count > 1) v = v128.load32_lane(p, v, 1, 4)
  if (count > 2) v = v128.load32_lane(p, v, 2, 8)
  return v
}

/** Stores the first `count` (1 to 3) lanes. */
// @ts-ignore: decorator
@inline
export function storePart(p: usize, v: v128, count: i32): void {
  v128.store32_lane(p, v, 0)
  if (count > 1) v128.store32_lane(p, v, 1, 4)
  if (count > 2) v128.store32_lane(p, v, 2, 8)
}
