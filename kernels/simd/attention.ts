// Scaled dot-product attention, the fast twin of kernels/attention.ts: the same row functions, in steps or one after the other.
import { dots } from './dot'
import { largest, softmaxOfRow } from './softmax'
import { load, mac, store, zero } from './vector'

/** The score of a hidden position: the lowest float32. */
const LOWEST: f32 = -3.4028234663852886e38

export function attentionScores(
  out: usize, q: usize, k: usize, mask: usize, H: i32, T: i32, S: i32, capacity: i32, D: i32, scale: f32, causal: i32,
  maskRows: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const bh = r / T
    const t = r - bh * T
    const row = out + floats(r * S)
    const seen = causal ? S - T + t + 1 : S
    dots(row, q + floats(r * D), k + floats(bh * capacity * D), D, floats(D), seen, scale)
    hide(row, seen, S)
    if (maskRows > 0) addRow(row, mask + floats(maskRow(bh / H, t, maskRows) * S), S)
  }
}

/** Positions at the end whose probability is 0 count nothing, whatever their values are. */
export function attentionValues(
  out: usize, probs: usize, v: usize, T: i32, S: i32, capacity: i32, D: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    valuesOfRow(out + floats(r * D), probs + floats(r * S), v + floats((r / T) * capacity * D), S, D)
  }
}

/** `scratch` is one row of S numbers. */
export function attention(
  out: usize, q: usize, k: usize, v: usize, mask: usize, scratch: usize, H: i32, T: i32, S: i32, capacity: i32, D: i32,
  scale: f32, causal: i32, maskRows: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const bh = r / T
    const t = r - bh * T
    const block = floats(bh * capacity * D)
    let count = causal ? S - T + t + 1 : S
    dots(scratch, q + floats(r * D), k + block, D, floats(D), count, scale)
    let best = largest(scratch, count)
    // Next to any score that is not extremely low, hidden positions come to exactly 0: they can be left away.
    if (maskRows > 0 || !(best > LOWEST / 2)) {
      hide(scratch, count, S)
      count = S
      if (maskRows > 0) addRow(scratch, mask + floats(maskRow(bh / H, t, maskRows) * S), S)
      best = largest(scratch, S)
    }
    softmaxOfRow(scratch, scratch, count, best)
    valuesOfRow(out + floats(r * D), scratch, v + block, count, D)
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

// @ts-ignore: decorator
@inline function addRow(row: usize, other: usize, count: i32): void {
  for (; count > 0; count -= 4, row += 16, other += 16) {
    store(row, f32x4.add(load(row, count), load(other, count)), count)
  }
}

/** out = sum over s of probs[s] * v[s], up to the last probability that is not 0. */
function valuesOfRow(out: usize, probs: usize, v: usize, S: i32, D: i32): void {
  while (S > 0 && f32.load(probs + floats(S - 1)) == 0) S--
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
