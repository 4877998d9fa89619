// Products with a weight matrix in panels of 8, the fast twin of kernels/linear.ts. `width` is always 8 here.
import { highHalf, lowHalf, storeRow, tile } from './tile'
import { mac, zero } from './vector'

/** Bytes of activations that are multiplied with all panels before the next rows come: half of a usual level 2 cache. */
const BLOCK: i32 = 1 << 19

export function linear(
  out: usize, x: usize, w: usize, bias: usize, k: i32, n: i32, width: i32, rows: i32, begin: i32, end: i32,
): void {
  if (rows < 4) {
    for (let p = begin; p < end; p++) fewRows(out, x, w, bias, k, n, rows, p)
    return
  }
  const most = max(4, (BLOCK / max(4, k << 2)) & ~3)
  for (let r = 0; r < rows; r += most) {
    const count = min(most, rows - r)
    // Fewer than 4 rows at the end are computed together with some before them, once more.
    const first = count < 4 ? rows - 4 : r
    for (let p = begin; p < end; p++) manyRows(out, x, w, bias, k, n, first, r + count, p)
  }
}

/** Rows first..end, four or more, of panel p. */
// @ts-ignore: decorator
@inline function manyRows(
  out: usize, x: usize, w: usize, bias: usize, k: i32, n: i32, first: i32, end: i32, p: i32,
): void {
  const columns = n - (p << 3)
  const start = bias == 0 ? bias : bias + ((<usize>p) << 5)
  const panel = w + (<usize>p) * (<usize>k << 5)
  const xStep = (<usize>k) << 2
  const outStep = (<usize>n) << 2
  const column = out + ((<usize>p) << 5)
  for (let r = first; r < end; r += 4) {
    const row = <usize>min(r, end - 4)
    tile(column + row * outStep, x + row * xStep, panel, start, k, outStep, xStep, 32, columns)
  }
}

/** All rows of panel p, one after the other: the panel stays in the cache. */
// @ts-ignore: decorator
@inline function fewRows(
  out: usize, x: usize, w: usize, bias: usize, k: i32, n: i32, rows: i32, p: i32,
): void {
  const columns = n - (p << 3)
  const start = bias == 0 ? bias : bias + ((<usize>p) << 5)
  const panel = w + (<usize>p) * (<usize>k << 5)
  for (let r = 0; r < rows; r++) {
    oneRow(out + ((<usize>(r * n + (p << 3))) << 2), x + ((<usize>(r * k)) << 2), panel, start, k, columns)
  }
}

/** Four sums side by side, because an addition must wait for the one before it. */
function oneRow(out: usize, x: usize, w: usize, bias: usize, k: i32, columns: i32): void {
  let a0 = lowHalf(bias, columns), a1 = highHalf(bias, columns)
  let b0 = zero(), b1 = zero(), c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero()
  for (; k >= 4; k -= 4, x += 16, w += 128) {
    let v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0)
    a1 = mac(v128.load(w, 16), v, a1)
    v = v128.load32_splat(x, 4)
    b0 = mac(v128.load(w, 32), v, b0)
    b1 = mac(v128.load(w, 48), v, b1)
    v = v128.load32_splat(x, 8)
    c0 = mac(v128.load(w, 64), v, c0)
    c1 = mac(v128.load(w, 80), v, c1)
    v = v128.load32_splat(x, 12)
    d0 = mac(v128.load(w, 96), v, d0)
    d1 = mac(v128.load(w, 112), v, d1)
  }
  for (; k > 0; k--, x += 4, w += 32) {
    const v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0)
    a1 = mac(v128.load(w, 16), v, a1)
  }
  const sum = f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0))
  const sumHigh = f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1))
  storeRow(out, sum, sumHigh, columns)
}

export function pack(
  out: usize, w: usize, k: i32, n: i32, wIn: i32, wOut: i32, width: i32, panelStep: i32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const panel = out + ((<usize>(p * panelStep)) << 2)
    const from = w + ((<usize>((p << 3) * wOut)) << 2)
    const columns = n - (p << 3)
    if (wOut == 1) packRows(panel, from, k, (<usize>wIn) << 2, columns)
    else if (wIn == 1 && columns >= 8) packColumns(panel, from, k, (<usize>wOut) << 2)
    else packSingly(panel, from, k, (<usize>wIn) << 2, (<usize>wOut) << 2, columns)
  }
}

/** The outputs stand side by side: rows of eight are copied. */
// @ts-ignore: decorator
@inline function packRows(panel: usize, w: usize, k: i32, step: usize, columns: i32): void {
  for (let i = 0; i < k; i++, panel += 32, w += step) {
    v128.store(panel, lowHalf(w, columns))
    v128.store(panel, highHalf(w, columns), 16)
  }
}

/** The inputs of an output stand side by side: blocks of 4 by 4 are turned over. */
// @ts-ignore: decorator
@inline function packColumns(panel: usize, w: usize, k: i32, step: usize): void {
  for (; k >= 4; k -= 4, panel += 128, w += 16) {
    turnBlock(panel, w, 32, step)
    turnBlock(panel + 16, w + (step << 2), 32, step)
  }
  if (k > 0) packSingly(panel, w, k, 4, step, 8)
}

/** out[c, r] = x[r, c] for a block of 4 by 4; the steps are bytes from row to row. */
// @ts-ignore: decorator
@inline function turnBlock(out: usize, x: usize, outStep: usize, step: usize): void {
  const a = v128.load(x)
  const b = v128.load(x + step)
  const c = v128.load(x + step * 2)
  const d = v128.load(x + step * 3)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(out + outStep, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
  v128.store(out + outStep * 2, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5))
  v128.store(out + outStep * 3, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7))
}

function packSingly(panel: usize, w: usize, k: i32, inStep: usize, outStep: usize, columns: i32): void {
  for (let i = 0; i < k; i++, w += inStep) {
    for (let c = 0, at = w; c < 8; c++, panel += 4, at += outStep) {
      f32.store(panel, c < columns ? f32.load(at) : 0)
    }
  }
}

export function unpack(
  out: usize, panels: usize, k: i32, n: i32, outIn: i32, outOut: i32, width: i32, begin: i32, end: i32,
): void {
  const inStep = (<usize>outIn) << 2
  const outStep = (<usize>outOut) << 2
  for (let o = 0; o < n; o += 8) {
    const panel = panels + ((<usize>((o >> 3) * k)) << 5)
    const to = out + (<usize>o) * outStep
    let i = begin
    if (outIn == 1 && n - o >= 8) {
      for (; i + 4 <= end; i += 4) {
        const from = panel + ((<usize>i) << 5)
        turnBlock(to + ((<usize>i) << 2), from, outStep, 32)
        turnBlock(to + ((<usize>i) << 2) + (outStep << 2), from + 16, outStep, 32)
      }
    }
    for (; i < end; i++) unpackRow(to + (<usize>i) * inStep, panel + ((<usize>i) << 5), outStep, n - o)
  }
}

/** Up to eight values of a panel to places `step` bytes apart. */
// @ts-ignore: decorator
@inline function unpackRow(out: usize, row: usize, step: usize, columns: i32): void {
  if (step == 4) {
    storeRow(out, v128.load(row), v128.load(row, 16), columns)
  } else {
    for (let c = 0; c < min(columns, 8); c++) f32.store(out + (<usize>c) * step, f32.load(row + ((<usize>c) << 2)))
  }
}
