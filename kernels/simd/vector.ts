// Vectors of four float32 numbers: loading and storing any count of them, and the arithmetic that all kernels share.

/** a * b + c: a fused multiply-add where the module is built for relaxed SIMD, else a multiplication and an addition. */
// @ts-ignore: decorator
@inline export function mac(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(c, f32x4.mul(a, b))
}

/**
 * Number `i` of a table in static data, in all four lanes. Constants come from memory because V8 rebuilds a constant
 * vector at every use in a loop, which costs more than a load.
 */
// @ts-ignore: decorator
@inline export function constant(table: usize, i: usize = 0): v128 {
  return v128.load32_splat(table + (i << 2))
}

// @ts-ignore: decorator
@inline export function zero(): v128 {
  return i32x4.splat(0)
}

/** Four numbers, or as many as there are; the lanes behind them are 0. */
// @ts-ignore: decorator
@inline export function load(at: usize, count: i32): v128 {
  return count >= 4 ? v128.load(at) : loadTail(at, count)
}

/** The first `count` lanes, at most four. */
// @ts-ignore: decorator
@inline export function store(at: usize, value: v128, count: i32): void {
  if (count >= 4) v128.store(at, value)
  else storeTail(at, value, count)
}

function loadTail(at: usize, count: i32): v128 {
  if (count == 3) return v128.load32_lane(at, v128.load64_zero(at), 2, 8)
  if (count == 2) return v128.load64_zero(at)
  if (count == 1) return v128.load32_zero(at)
  return zero()
}

function storeTail(at: usize, value: v128, count: i32): void {
  if (count >= 2) v128.store64_lane(at, value, 0)
  else if (count == 1) v128.store32_lane(at, value, 0)
  if (count == 3) v128.store32_lane(at, value, 2, 8)
}

const LANES = memory.data<i32>([0, 1, 2, 3], 16)

/** All bits set in the first `count` lanes. */
// @ts-ignore: decorator
@inline export function lanesBelow(count: i32): v128 {
  return i32x4.lt_s(v128.load(LANES), i32x4.splat(count))
}

/** The sum of the lanes, added in the order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline export function sumOfLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  )
}

/** [sum of a, sum of b, sum of c, sum of d], each with the bits of sumOfLanes. */
// @ts-ignore: decorator
@inline export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** Lanes 2 and 3 as float64. */
// @ts-ignore: decorator
@inline export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(v, v, 1, 1))
}

/** [a, b] and [c, d] as float32 lanes a, b, c, d. */
// @ts-ignore: decorator
@inline export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}
