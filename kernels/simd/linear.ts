// The product of activations with a weight in panels of 8 outputs: see kernels/linear.ts. `width` is 8 here.
import { loadPart, mac, storePart, zero } from './vector'

const panelBytes = 32

/** Stores 8 outputs, or as many as the last panel has. */
// @ts-ignore: decorator
@inline
function storeEight(p: usize, low: v128, high: v128, count: i32): void {
  if (count >= 8) {
    v128.store(p, low)
    v128.store(p, high, 16)
  } else if (count > 4) {
    v128.store(p, low)
    storePart(p + 16, high, count - 4)
  } else if (count == 4) v128.store(p, low)
  else storePart(p, low, count)
}

/** Four rows times one panel: eight sums, each over i in order. */
function fourRows(out: usize, x: usize, w: usize, low: v128, high: v128, k: i32, n: i32, count: i32): void {
  const step = <usize>k << 2
  let x0 = x
  let x1 = x0 + step
  let x2 = x1 + step
  let x3 = x2 + step
  let a0 = low
  let a1 = high
  let b0 = low
  let b1 = high
  let c0 = low
  let c1 = high
  let d0 = low
  let d1 = high
  for (let i = k; i > 0; i--) {
    const w0 = v128.load(w)
    const w1 = v128.load(w, 16)
    let s = v128.load32_splat(x0)
    a0 = mac(w0, s, a0)
    a1 = mac(w1, s, a1)
    s = v128.load32_splat(x1)
    b0 = mac(w0, s, b0)
    b1 = mac(w1, s, b1)
    s = v128.load32_splat(x2)
    c0 = mac(w0, s, c0)
    c1 = mac(w1, s, c1)
    s = v128.load32_splat(x3)
    d0 = mac(w0, s, d0)
    d1 = mac(w1, s, d1)
    w += panelBytes
    x0 += 4
    x1 += 4
    x2 += 4
    x3 += 4
  }
  const line = <usize>n << 2
  storeEight(out, a0, a1, count)
  storeEight(out + line, b0, b1, count)
  storeEight(out + line * 2, c0, c1, count)
  storeEight(out + line * 3, d0, d1, count)
}

/** One row times one panel, in four interleaved sums: a new token's product, bound by how fast the weights come. */
function oneRow(out: usize, x: usize, w: usize, low: v128, high: v128, k: i32, count: i32): void {
  let a0 = low
  let a1 = high
  let b0 = zero()
  let b1 = zero()
  let c0 = zero()
  let c1 = zero()
  let d0 = zero()
  let d1 = zero()
  let i = k
  for (; i >= 4; i -= 4) {
    let s = v128.load32_splat(x)
    a0 = mac(v128.load(w), s, a0)
    a1 = mac(v128.load(w, 16), s, a1)
    s = v128.load32_splat(x, 4)
    b0 = mac(v128.load(w, 32), s, b0)
    b1 = mac(v128.load(w, 48), s, b1)
    s = v128.load32_splat(x, 8)
    c0 = mac(v128.load(w, 64), s, c0)
    c1 = mac(v128.load(w, 80), s, c1)
    s = v128.load32_splat(x, 12)
    d0 = mac(v128.load(w, 96), s, d0)
    d1 = mac(v128.load(w, 112), s, d1)
    w += panelBytes * 4
    x += 16
  }
  for (; i > 0; i--) {
    const s = v128.load32_splat(x)
    a0 = mac(v128.load(w), s, a0)
    a1 = mac(v128.load(w, 16), s, a1)
    w += panelBytes
    x += 4
  }
  const left = f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0))
  const right = f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1))
  storeEight(out, left, right, count)
}

export function linear(
  out: usize,
  x: usize,
  w: usize,
  bias: usize,
  k: i32,
  n: i32,
  width: i32,
  rows: i32,
  begin: i32,
  end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const panel = w + <usize>p * <usize>k * panelBytes
    const count = min<i32>(n - (p << 3), 8)
    let low = zero()
    let high = zero()
    if (bias) {
      const at = bias + (p << 5)
      low = count >= 4 ? v128.load(at) : loadPart(at, count)
      if (count == 8) high = v128.load(at, 16)
      else if (count > 4) high = loadPart(at + 16, count - 4)
    }
    let to = out + (p << 5)
    let from = x
    let r = rows
    for (; r >= 4; r -= 4) {
      fourRows(to, from, panel, low, high, k, n, count)
      to += <usize>n << 4
      from += <usize>k << 4
    }
    for (; r > 0; r--) {
      oneRow(to, from, panel, low, high, k, count)
      to += <usize>n << 2
      from += <usize>k << 2
    }
  }
}

export function pack(
  out: usize,
  w: usize,
  k: i32,
  n: i32,
  wIn: i32,
  wOut: i32,
  width: i32,
  panelStep: i32,
  begin: i32,
  end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const to = out + (<usize>p * <usize>panelStep << 2)
    const from = w + (<usize>(p << 3) * <usize>wOut << 2)
    const count = min<i32>(n - (p << 3), 8)
    if (count == 8 && wOut == 1) packRows(to, from, k, wIn)
    else if (count == 8 && wIn == 1) packColumns(to, from, k, wOut)
    else packPart(to, from, k, count, wIn, wOut)
  }
}

/** Eight neighbours at a time. */
function packRows(to: usize, from: usize, k: i32, wIn: i32): void {
  for (let i = 0; i < k; i++) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    to += panelBytes
    from += <usize>wIn << 2
  }
}

/** Eight columns of four, turned into four rows of eight. */
function packColumns(to: usize, from: usize, k: i32, wOut: i32): void {
  const step = <usize>wOut << 2
  let i = 0
  for (; i + 4 <= k; i += 4) {
    turnFour(to, from, step)
    turnFour(to + 16, from + step * 4, step)
    to += panelBytes * 4
    from += 16
  }
  if (i < k) packPart(to, from, k - i, 8, 1, wOut)
}

// @ts-ignore: decorator
@inline
function turnFour(to: usize, from: usize, step: usize): void {
  const a = v128.load(from)
  const b = v128.load(from + step)
  const c = v128.load(from + step * 2)
  const d = v128.load(from + step * 3)
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f64>(abLow, cdLow, 0, 2))
  v128.store(to, v128.shuffle<f64>(abLow, cdLow, 1, 3), 32)
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 0, 2), 64)
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 1, 3), 96)
}

function packPart(to: usize, from: usize, k: i32, count: i32, wIn: i32, wOut: i32): void {
  for (let i = 0; i < k; i++) {
    for (let c = 0; c < 8; c++) {
      const value: f32 = c < count ? load<f32>(from + (<usize>(i * wIn + c * wOut) << 2)) : 0
      store<f32>(to + (<usize>((i << 3) + c) << 2), value)
    }
  }
}

export function unpack(
  out: usize,
  panels: usize,
  k: i32,
  n: i32,
  outIn: i32,
  outOut: i32,
  width: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i++) {
    for (let o = 0; o < n; o++) {
      const at = <usize>(o >> 3) * <usize>k * 8 + <usize>((i << 3) + (o & 7))
      store<f32>(out + (<usize>(i * outIn + o * outOut) << 2), load<f32>(panels + (at << 2)))
    }
  }
}
