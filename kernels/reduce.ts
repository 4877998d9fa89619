// Sums and the like along one dimension. x is (outer, n, inner), out is (outer, inner); outputs begin..end are computed.

type Numbers = Float32Array | Int32Array

/** out = sum over the n values. 0 when n is 0. */
export function sum(out: Numbers, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    let total = 0
    for (let i = 0, at = first(r, n, inner); i < n; i++, at += inner) total += x[at]!
    out[r] = total
  }
}

/** out = mean of the n values. NaN when n is 0. */
export function mean(out: Numbers, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  sum(out, x, n, inner, begin, end)
  for (let r = begin; r < end; r++) out[r]! /= n
}

/** out = largest of the n values; NaN if one of them is NaN. n is at least 1. */
export function max(out: Numbers, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    let best = -Infinity
    for (let i = 0, at = first(r, n, inner); i < n; i++, at += inner) best = Math.max(best, x[at]!)
    out[r] = best
  }
}

/** out = smallest of the n values; NaN if one of them is NaN. n is at least 1. */
export function min(out: Numbers, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    let best = Infinity
    for (let i = 0, at = first(r, n, inner); i < n; i++, at += inner) best = Math.min(best, x[at]!)
    out[r] = best
  }
}

/** out = index of the largest of the n values, the first one of equals; a NaN counts as largest. n is at least 1. */
export function argmax(out: Int32Array, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    const start = first(r, n, inner)
    let best = 0
    for (let i = 1; i < n; i++) {
      const value = x[start + i * inner]!
      const top = x[start + best * inner]!
      if (value > top || (Number.isNaN(value) && !Number.isNaN(top))) best = i
    }
    out[r] = best
  }
}

/** out (outer, n, inner): each value plus all before it along n. Columns begin..end of the outer * inner are computed. */
export function cumsum(out: Numbers, x: Numbers, n: number, inner: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    let total = 0
    for (let i = 0, at = first(r, n, inner); i < n; i++, at += inner) out[at] = total += x[at]!
  }
}

/** Where the values of output r begin in x. */
function first(r: number, n: number, inner: number): number {
  return Math.floor(r / inner) * n * inner + (r % inner)
}
