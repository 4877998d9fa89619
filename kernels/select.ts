// Choosing values by a condition or by index.

type Numbers = Float32Array | Int32Array

/** out[i] = condition[i] is not 0 ? a[i] : b[i] for begin <= i < end. */
export function where(out: Numbers, condition: Numbers, a: Numbers, b: Numbers, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = condition[i] ? a[i]! : b[i]!
}

/**
 * out[o, j, i] = x[o, index[o, j, i], i]; x (outer, n, inner), index and out (outer, m, inner). Values begin..end of out.
 * The indices are known to be in 0..n-1.
 */
export function gather(
  out: Numbers,
  x: Numbers,
  index: Int32Array,
  n: number,
  m: number,
  inner: number,
  begin: number,
  end: number,
): void {
  for (let i = begin; i < end; i++) {
    const outer = Math.floor(i / (m * inner))
    out[i] = x[(outer * n + index[i]!) * inner + (i % inner)]!
  }
}
