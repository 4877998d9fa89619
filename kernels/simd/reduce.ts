// Sums and the like along one dimension, the fast twin of kernels/reduce.ts.
import { Pairwise } from './elementwise'
import { demote, lanesBelow, load, promoteHigh, store } from './vector'

export function sum(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  totals(out, x, n, inner, begin, end, 1)
}

export function mean(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  totals(out, x, n, inner, begin, end, <f64>n)
}

@unmanaged @final
class Larger extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.max(a, b)
  }
}

@unmanaged @final
class Smaller extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.min(a, b)
  }
}

export function max(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  extremes<Larger>(out, x, n, inner, begin, end, -Infinity)
}

export function min(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  extremes<Smaller>(out, x, n, inner, begin, end, Infinity)
}

/** Sums divided by `divisor`, added up in float64 as the definition does. */
// @ts-ignore: decorator
@inline function totals(
  out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32, divisor: f64,
): void {
  if (inner == 1) {
    for (let r = begin; r < end; r++) {
      const total = sumOfRow(x + ((<usize>(r * n)) << 2), n)
      store32(out + ((<usize>r) << 2), <f32>(total / divisor))
    }
    return
  }
  const step = (<usize>inner) << 2
  for (let r = begin; r < end; ) {
    const column = r % inner
    const count = min32(min32(inner - column, end - r), 4)
    let at = x + ((<usize>((r - column) * n + column)) << 2)
    let low = f64x2.splat(0)
    let high = f64x2.splat(0)
    for (let i = 0; i < n; i++, at += step) {
      const v = load(at, count)
      low = f64x2.add(low, f64x2.promote_low_f32x4(v))
      high = f64x2.add(high, promoteHigh(v))
    }
    const by = f64x2.splat(divisor)
    store(out + ((<usize>r) << 2), demote(f64x2.div(low, by), f64x2.div(high, by)), count)
    r += count
  }
}

/** The sum of n numbers side by side. */
// @ts-ignore: decorator
@inline function sumOfRow(x: usize, n: i32): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (; n > 0; n -= 4, x += 16) {
    const v = load(x, n)
    low = f64x2.add(low, f64x2.promote_low_f32x4(v))
    high = f64x2.add(high, promoteHigh(v))
  }
  const both = f64x2.add(low, high)
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
}

/** The one of n values that F prefers to all others. */
// @ts-ignore: decorator
@inline function extremes<F extends Pairwise>(
  out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32, worst: f32,
): void {
  const f = changetype<F>(0)
  const start = f32x4.splat(worst)
  const step = (<usize>inner) << 2
  for (let r = begin; r < end; ) {
    let best = start
    let count = 1
    if (inner == 1) {
      let at = x + ((<usize>(r * n)) << 2)
      for (let left = n; left > 0; left -= 4, at += 16) {
        best = f.of(best, v128.bitselect(load(at, left), start, lanesBelow(left)))
      }
      best = f.of(best, v128.shuffle<f32>(best, best, 2, 3, 0, 1))
      best = f.of(best, v128.shuffle<f32>(best, best, 1, 0, 3, 2))
    } else {
      const column = r % inner
      count = min32(min32(inner - column, end - r), 4)
      let at = x + ((<usize>((r - column) * n + column)) << 2)
      for (let i = 0; i < n; i++, at += step) best = f.of(best, load(at, count))
    }
    store(out + ((<usize>r) << 2), best, count)
    r += count
  }
}

// @ts-ignore: decorator
@inline function min32(a: i32, b: i32): i32 {
  return a < b ? a : b
}

// @ts-ignore: decorator
@inline function store32(at: usize, value: f32): void {
  f32.store(at, value)
}
