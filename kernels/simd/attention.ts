// Scaled dot-product attention, whole or in steps: see kernels/attention.ts. `scratch` is room for the scores of one row.
// All of them go through the same functions of one row, so the steps give the same bits as the whole.
import * as c from './constants'
import { k as constant } from './constants'
import { dot, mixRows } from './matmul'
import { softmaxRow } from './softmax'

/** The scores of row r. */
// @ts-ignore: decorator
@inline
function scoresRow(
  out: usize,
  q: usize,
  k: usize,
  mask: usize,
  H: i32,
  T: i32,
  S: i32,
  capacity: i32,
  D: i32,
  scale: f32,
  causal: i32,
  maskRows: i32,
  r: i32,
): void {
  const bh = r / T
  const t = r % T
  const seen = causal ? S - T + t + 1 : S
  const lowest = f32x4.extract_lane(constant(c.LOWEST), 0)
  const query = q + (<usize>r * <usize>D << 2)
  let key = k + (<usize>bh * <usize>capacity * <usize>D << 2)
  let s = 0
  for (; s < seen; s++, key += <usize>D << 2) store<f32>(out + (s << 2), dot(query, key, D) * scale)
  for (; s < S; s++) store<f32>(out + (s << 2), lowest)
  if (maskRows == 0) return
  const row = mask + (<usize>((bh / H) * maskRows + (maskRows > 1 ? t : 0)) * <usize>S << 2)
  for (s = 0; s < S; s++) store<f32>(out + (s << 2), load<f32>(out + (s << 2)) + load<f32>(row + (s << 2)))
}

/** The mixture of values for row r. */
// @ts-ignore: decorator
@inline
function valuesRow(out: usize, probs: usize, v: usize, T: i32, S: i32, capacity: i32, D: i32, r: i32): void {
  const values = v + (<usize>(r / T) * <usize>capacity * <usize>D << 2)
  mixRows(out + (<usize>r * <usize>D << 2), probs, values, S, D, <usize>D << 2)
}

export function attentionScores(
  out: usize,
  q: usize,
  k: usize,
  mask: usize,
  H: i32,
  T: i32,
  S: i32,
  capacity: i32,
  D: i32,
  scale: f32,
  causal: i32,
  maskRows: i32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    scoresRow(out + (<usize>r * <usize>S << 2), q, k, mask, H, T, S, capacity, D, scale, causal, maskRows, r)
  }
}

export function attentionValues(
  out: usize,
  probs: usize,
  v: usize,
  T: i32,
  S: i32,
  capacity: i32,
  D: i32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) valuesRow(out, probs + (<usize>r * <usize>S << 2), v, T, S, capacity, D, r)
}

export function attention(
  out: usize,
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  scratch: usize,
  H: i32,
  T: i32,
  S: i32,
  capacity: i32,
  D: i32,
  scale: f32,
  causal: i32,
  maskRows: i32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    scoresRow(scratch, q, k, mask, H, T, S, capacity, D, scale, causal, maskRows, r)
    softmaxRow(scratch, scratch, S)
    valuesRow(out, scratch, v, T, S, capacity, D, r)
  }
}
