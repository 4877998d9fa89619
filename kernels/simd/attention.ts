// Scaled dot-product attention, the fast twin of kernels/attention.ts. Four tokens and more are taken a few at a time: the
// keys of a head are put into panels, and both products run in tiles. Fewer, such as a new token, go row by row. Which of the
// two depends on T alone, and whole and steps share all functions, so that they agree to the bit.
import { dots } from './dot'
import { addRow } from './ending'
import { pack } from './panels'
import { largest, softmaxOfRow } from './softmax'
import { columnsOfTile, tiles, ZEROS } from './tile'
import { load, mac, store, zero } from './vector'

/** The score of a hidden position: the lowest float32. */
const LOWEST: f32 = -3.4028234663852886e38
/** Tokens whose scores are kept at a time. */
const ROWS: i32 = 24

/** `scratch` has room for a head's keys in panels: (S + 16) * D numbers. */
export function attentionScores(
  out: usize, q: usize, k: usize, mask: usize, H: i32, T: i32, S: i32, capacity: i32, D: i32, scale: f32, causal: i32,
  maskRows: i32, scratch: usize, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; ) {
    const bh = r / T
    const last = min(end, (bh + 1) * T) - bh * T
    const first = firstOf(r - bh * T, last, T)
    const rows = T < 4 ? last - first : max(last - first, 4)
    const keys = k + floats(bh * capacity * D)
    const to = out + floats((bh * T + first) * S)
    scoresOf(to, q + floats((bh * T + first) * D), keys, S, D, scale, seenBy(first + rows - 1, T, S, causal), rows, T, scratch)
    for (let i = 0; i < rows; i++) {
      const row = to + floats(i * S)
      hide(row, seenBy(first + i, T, S, causal), S)
      if (maskRows > 0) addRow(row, mask + floats(maskRow(bh / H, first + i, maskRows) * S), S)
    }
    r = bh * T + last
  }
}

export function attentionValues(
  out: usize, probs: usize, v: usize, T: i32, S: i32, capacity: i32, D: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; ) {
    const bh = r / T
    const last = min(end, (bh + 1) * T) - bh * T
    const first = firstOf(r - bh * T, last, T)
    const rows = T < 4 ? last - first : max(last - first, 4)
    const row = bh * T + first
    valuesOf(out + floats(row * D), probs + floats(row * S), v + floats(bh * capacity * D), S, floats(S), D, rows, T)
    r = bh * T + last
  }
}

/** `scratch` has room for a head's keys in panels and the scores of ROWS tokens: (S + 16) * (D + 24) numbers. */
export function attention(
  out: usize, q: usize, k: usize, v: usize, mask: usize, H: i32, T: i32, S: i32, capacity: i32, D: i32, scale: f32,
  causal: i32, maskRows: i32, scratch: usize, begin: i32, end: i32,
): void {
  const stride = floats((S + 15) & ~15)
  const scores = scratch + floats(((S + 15) & ~15) * D)
  for (let r = begin; r < end; ) {
    const bh = r / T
    const keys = k + floats(bh * capacity * D)
    const last = min(end, (bh + 1) * T) - bh * T
    const packed: usize = T < 4 ? 0 : packKeys(scratch, keys, seenBy(max(last, 4) - 1, T, S, causal), D)
    for (let t = r - bh * T; t < last; t += ROWS) {
      const behind = min(t + ROWS, last)
      const first = firstOf(t, behind, T)
      const rows = T < 4 ? behind - first : max(behind - first, 4)
      const from = q + floats((bh * T + first) * D)
      products(scores, from, keys, packed, D, stride, seenBy(first + rows - 1, T, S, causal), rows, scale)
      let longest = 0
      for (let i = 0; i < rows; i++) {
        const row = scores + (<usize>i) * stride
        const other: usize = maskRows > 0 ? mask + floats(maskRow(bh / H, first + i, maskRows) * S) : 0
        longest = max(longest, probabilities(row, seenBy(first + i, T, S, causal), S, other))
      }
      valuesOf(out + floats((bh * T + first) * D), scores, v + floats(bh * capacity * D), longest, stride, D, rows, T)
    }
    r = bh * T + last
  }
}

/** Where a part of a head's tokens begins: tiles need four rows, so it may begin before t and compute some rows once more. */
// @ts-ignore: decorator
@inline function firstOf(t: i32, behind: i32, T: i32): i32 {
  return T < 4 || behind - t >= 4 ? t : max(behind - 4, 0)
}

/** How many positions token t sees. */
// @ts-ignore: decorator
@inline function seenBy(t: i32, T: i32, S: i32, causal: i32): i32 {
  return causal ? S - T + t + 1 : S
}

/** The scores of some rows, S apart, that see up to `seen` keys. */
// @ts-ignore: decorator
@inline function scoresOf(
  out: usize, q: usize, k: usize, S: i32, D: i32, scale: f32, seen: i32, rows: i32, T: i32, scratch: usize,
): void {
  products(out, q, k, T < 4 ? 0 : packKeys(scratch, k, seen, D), D, floats(S), seen, rows, scale)
}

/** The first `count` keys of a head in panels, so that neighbours are different keys and not the parts of one. */
// @ts-ignore: decorator
@inline function packKeys(out: usize, k: usize, count: i32, D: i32): usize {
  const width = columnsOfTile()
  pack(out, k, D, count, 1, D, width, D * width, 0, (count + width - 1) / width)
  return out
}

/** out[r, s] = scale * (q[r] . k[s]) for s < seen; with `packed` keys in tiles. */
function products(
  out: usize, q: usize, k: usize, packed: usize, D: i32, outStep: usize, seen: i32, rows: i32, scale: f32,
): void {
  const step = floats(D)
  if (packed == 0) {
    for (; rows > 0; rows--, out += outStep, q += step) dots(out, q, k, D, step, seen, scale)
    return
  }
  const width = columnsOfTile()
  for (let s = 0; s < seen; s += width) {
    const panel = packed + (<usize>s) * step
    tiles(out + floats(s), q, panel, ZEROS, D, outStep, step, floats(width), rows, width, seen - s)
  }
  for (; rows > 0; rows--, out += outStep) scaleRow(out, seen, scale)
}

// @ts-ignore: decorator
@inline function scaleRow(row: usize, count: i32, scale: f32): void {
  const factor = f32x4.splat(scale)
  for (; count >= 8; count -= 8, row += 32) {
    const first = f32x4.mul(v128.load(row), factor)
    const second = f32x4.mul(v128.load(row, 16), factor)
    v128.store(row, first)
    v128.store(row, second, 16)
  }
  for (; count > 0; count -= 4, row += 16) store(row, f32x4.mul(load(row, count), factor), count)
}

/** Scores to probabilities, in place; what is not seen becomes 0. Returns how many may be more than 0. */
function probabilities(row: usize, seen: i32, S: i32, mask: usize): i32 {
  let count = seen
  let best = largest(row, count)
  // Next to any score that is not extremely low, hidden positions come to exactly 0: they can be left away.
  if (mask != 0 || !(best > LOWEST / 2)) {
    hide(row, count, S)
    count = S
    if (mask != 0) addRow(row, mask, S)
    best = largest(row, S)
  }
  softmaxOfRow(row, row, count, best)
  for (let s = count; s < S; s++) f32.store(row + floats(s), 0)
  return count
}

/** out[r] = sum over s < S of probs[r, s] * v[s], in tiles from four tokens on. */
// @ts-ignore: decorator
@inline function valuesOf(
  out: usize, probs: usize, v: usize, S: i32, probsStep: usize, D: i32, rows: i32, T: i32,
): void {
  const step = floats(D)
  if (T < 4) {
    for (; rows > 0; rows--, out += step, probs += probsStep) valuesOfRow(out, probs, v, S, D)
    return
  }
  const width = columnsOfTile()
  for (let d = 0; d < D; d += width) {
    tiles(out + floats(d), probs, v + floats(d), ZEROS, S, step, probsStep, step, rows, width, D - d)
  }
}

/** Bytes of n numbers. */
// @ts-ignore: decorator
@inline function floats(n: i32): usize {
  return (<usize>n) << 2
}

// @ts-ignore: decorator
@inline function maskRow(b: i32, t: i32, maskRows: i32): i32 {
  return b * maskRows + (maskRows > 1 ? t : 0)
}

/** Positions seen..S of a row of scores. */
// @ts-ignore: decorator
@inline function hide(row: usize, seen: i32, S: i32): void {
  for (let s = seen; s < S; s++) f32.store(row + floats(s), LOWEST)
}

/** out = sum over s of probs[s] * v[s]. */
function valuesOfRow(out: usize, probs: usize, v: usize, S: i32, D: i32): void {
  const step = floats(D)
  let d = D
  for (; d >= 32; d -= 32, out += 128, v += 128) values32(out, probs, v, S, step)
  for (; d >= 16; d -= 16, out += 64, v += 64) values16(out, probs, v, S, step)
  for (; d > 0; d -= 4, out += 16, v += 16) {
    let sum = zero()
    for (let s = 0, at = v; s < S; s++, at += step) sum = mac(load(at, d), v128.load32_splat(probs + floats(s)), sum)
    store(out, sum, d)
  }
}

function values32(out: usize, probs: usize, v: usize, S: i32, step: usize): void {
  let a = zero(), b = zero(), c = zero(), d = zero(), e = zero(), f = zero(), g = zero(), h = zero()
  for (; S > 0; S--, probs += 4, v += step) {
    const p = v128.load32_splat(probs)
    a = mac(v128.load(v), p, a)
    b = mac(v128.load(v, 16), p, b)
    c = mac(v128.load(v, 32), p, c)
    d = mac(v128.load(v, 48), p, d)
    e = mac(v128.load(v, 64), p, e)
    f = mac(v128.load(v, 80), p, f)
    g = mac(v128.load(v, 96), p, g)
    h = mac(v128.load(v, 112), p, h)
  }
  v128.store(out, a)
  v128.store(out, b, 16)
  v128.store(out, c, 32)
  v128.store(out, d, 48)
  v128.store(out, e, 64)
  v128.store(out, f, 80)
  v128.store(out, g, 96)
  v128.store(out, h, 112)
}

function values16(out: usize, probs: usize, v: usize, S: i32, step: usize): void {
  let a = zero(), b = zero(), c = zero(), d = zero()
  for (; S > 0; S--, probs += 4, v += step) {
    const p = v128.load32_splat(probs)
    a = mac(v128.load(v), p, a)
    b = mac(v128.load(v, 16), p, b)
    c = mac(v128.load(v, 32), p, c)
    d = mac(v128.load(v, 48), p, d)
  }
  v128.store(out, a)
  v128.store(out, b, 16)
  v128.store(out, c, 32)
  v128.store(out, d, 48)
}
