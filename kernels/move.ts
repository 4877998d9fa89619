// Moving values without changing them: slices, joins, heads, permutations.

type Numbers = Float32Array | Int32Array

/** Blocks begin..end of `length` values: out[r * outStep + i] = x[r * xStep + i]. Slices, joins and repeats are made of it. */
export function copyBlocks(
  out: Numbers,
  x: Numbers,
  outStep: number,
  xStep: number,
  length: number,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) for (let i = 0; i < length; i++) out[r * outStep + i] = x[r * xStep + i]!
}

/** (A, B, C, n) -> (A, C, B, n): splits the heads off and joins them again. Rows a * C + c of out, begin..end, are written. */
export function swapAxes(out: Numbers, x: Numbers, B: number, C: number, n: number, begin: number, end: number): void {
  for (let r = begin; r < end; r++) {
    const a = Math.floor(r / C)
    const c = r % C
    for (let b = 0; b < B; b++) for (let i = 0; i < n; i++) out[(r * B + b) * n + i] = x[((a * B + b) * C + c) * n + i]!
  }
}

/**
 * out[i0, i1, ...] = x[i0 * steps[0] + i1 * steps[1] + ...] for the values begin..end of out, which has `shape`.
 * A step of 0 repeats, so this is also how a smaller tensor is broadcast.
 */
export function gatherSteps(
  out: Numbers,
  x: Numbers,
  shape: readonly number[],
  steps: readonly number[],
  begin: number,
  end: number,
): void {
  for (let i = begin; i < end; i++) {
    let at = 0
    for (let d = shape.length - 1, rest = i; d >= 0; d--) {
      at += (rest % shape[d]!) * steps[d]!
      rest = Math.floor(rest / shape[d]!)
    }
    out[i] = x[at]!
  }
}

/** out = x, converted: numbers lose their fraction on the way to int32. */
export function cast(out: Numbers, x: Numbers, begin: number, end: number): void {
  for (let i = begin; i < end; i++) out[i] = x[i]!
}
