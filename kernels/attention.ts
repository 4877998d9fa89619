// Scaled dot-product attention (Vaswani et al. 2017), whole or in steps, over rows (b, h, t) numbered begin..end.
// q is (B, H, T, D); k and v are (B, H, capacity, D) of which the first S rows count; new tokens are the last T of the S.
// mask is added to the scores: (B, maskRows, S) with maskRows 1 (the same for all t) or T, or empty with maskRows 0.
// With causal = 1 token t does not see the tokens behind it: their scores are the lowest float32 before the mask is added. That
// is not -Infinity, so a row of which everything is hidden becomes an average instead of NaN, as in Hugging Face.
import { softmax } from './softmax.ts'

type Array32 = Float32Array

const lowest = -3.4028234663852886e38

/**
 * out[b, h, t, s] = scale * (q[b, h, t] . k[b, h, s]) + mask[b, t, s]; out is (B, H, T, S). `scratch` is room that the fast twin
 * needs.
 */
export function attentionScores(
  out: Array32,
  q: Array32,
  k: Array32,
  mask: Array32,
  H: number,
  T: number,
  S: number,
  capacity: number,
  D: number,
  scale: number,
  causal: number,
  maskRows: number,
  _scratch: Array32,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) {
    const bh = Math.floor(r / T)
    const t = r % T
    const seen = causal ? S - T + t + 1 : S
    const maskAt = (Math.floor(bh / H) * maskRows + (maskRows > 1 ? t : 0)) * S
    for (let s = 0; s < S; s++) {
      let dot = 0
      for (let d = 0, kAt = (bh * capacity + s) * D; d < D; d++) dot += q[r * D + d]! * k[kAt + d]!
      const score = s < seen ? Math.fround(dot * scale) : lowest
      out[r * S + s] = maskRows > 0 ? score + mask[maskAt + s]! : score
    }
  }
}

/** out[b, h, t] = sum over s of probs[b, h, t, s] * v[b, h, s]; probs is (B, H, T, S), out (B, H, T, D). */
export function attentionValues(
  out: Array32,
  probs: Array32,
  v: Array32,
  T: number,
  S: number,
  capacity: number,
  D: number,
  begin: number,
  end: number,
): void {
  for (let r = begin; r < end; r++) {
    const vAt = Math.floor(r / T) * capacity * D
    for (let d = 0; d < D; d++) {
      let sum = 0
      for (let s = 0; s < S; s++) sum += probs[r * S + s]! * v[vAt + s * D + d]!
      out[r * D + d] = sum
    }
  }
}

/**
 * attentionScores, softmax and attentionValues, bit for bit. The definition writes the scores of all rows to `scratch`
 * (B * H * T * S numbers); the fast twin never has more than those of a few tokens.
 */
export function attention(
  out: Array32,
  q: Array32,
  k: Array32,
  v: Array32,
  mask: Array32,
  H: number,
  T: number,
  S: number,
  capacity: number,
  D: number,
  scale: number,
  causal: number,
  maskRows: number,
  scratch: Array32,
  begin: number,
  end: number,
): void {
  attentionScores(scratch, q, k, mask, H, T, S, capacity, D, scale, causal, maskRows, scratch, begin, end)
  softmax(scratch, scratch, S, begin, end)
  attentionValues(out, scratch, v, T, S, capacity, D, begin, end)
}
