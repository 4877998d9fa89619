// Sums and the like along one dimension: see kernels/reduce.ts.
import { loadPart, sum4, zero } from './vector'

/** The sum of n numbers in a row, in four interleaved parts. */
// @ts-ignore: decorator
@inline
function rowSum(x: usize, n: i32): f32 {
  let a = zero()
  let i = 0
  for (; i + 4 <= n; i += 4) a = f32x4.add(a, v128.load(x + (i << 2)))
  if (i < n) a = f32x4.add(a, loadPart(x + (i << 2), n - i))
  return sum4(a)
}

// @ts-ignore: decorator
@inline
function first(r: i32, n: i32, inner: i32): i32 {
  return (r / inner) * n * inner + (r % inner)
}

export function sum(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const p = x + (first(r, n, inner) << 2)
    if (inner == 1) store<f32>(out + (r << 2), rowSum(p, n))
    else {
      let total: f32 = 0
      for (let i = 0; i < n; i++) total += load<f32>(p + (i * inner << 2))
      store<f32>(out + (r << 2), total)
    }
  }
}

export function mean(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sum(out, x, n, inner, begin, end)
  for (let r = begin; r < end; r++) store<f32>(out + (r << 2), load<f32>(out + (r << 2)) / <f32>n)
}

export function max(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const p = x + (first(r, n, inner) << 2)
    let best: f32 = -Infinity
    for (let i = 0; i < n; i++) best = f32.max(best, load<f32>(p + (i * inner << 2)))
    store<f32>(out + (r << 2), best)
  }
}

export function min(out: usize, x: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const p = x + (first(r, n, inner) << 2)
    let best: f32 = Infinity
    for (let i = 0; i < n; i++) best = f32.min(best, load<f32>(p + (i * inner << 2)))
    store<f32>(out + (r << 2), best)
  }
}
