// Putting weights into panels and taking them out, the fast twin of kernels/panels.ts. `width` is 8 or 16 here.
import { load, store } from './vector'

export function pack(
  out: usize, w: usize, k: i32, n: i32, wIn: i32, wOut: i32, width: i32, panelStep: i32, begin: i32, end: i32,
): void {
  const inStep = (<usize>wIn) << 2
  const outStep = (<usize>wOut) << 2
  const row = (<usize>width) << 2
  for (let p = begin; p < end; p++) {
    const panel = out + (((<usize>p) * (<usize>panelStep)) << 2)
    for (let c = 0; c < width; c += 8) {
      const first = p * width + c
      const to = panel + ((<usize>c) << 2)
      const from = w + (<usize>first) * outStep
      if (wOut == 1) packRows(to, from, k, row, inStep, n - first)
      else if (wIn == 1 && n - first >= 8) packColumns(to, from, k, row, outStep)
      else packSingly(to, from, k, row, inStep, outStep, n - first)
    }
  }
}

/** The outputs stand side by side: pieces of rows are copied. */
// @ts-ignore: decorator
@inline function packRows(out: usize, w: usize, k: i32, outStep: usize, step: usize, columns: i32): void {
  for (; k > 0; k--, out += outStep, w += step) {
    v128.store(out, load(w, columns))
    v128.store(out, load(w + 16, columns - 4), 16)
  }
}

/** The inputs of an output stand side by side: blocks of 4 by 4 are turned over. */
// @ts-ignore: decorator
@inline function packColumns(out: usize, w: usize, k: i32, outStep: usize, step: usize): void {
  for (; k >= 4; k -= 4, out += outStep << 2, w += 16) {
    turnBlock(out, w, outStep, step)
    turnBlock(out + 16, w + (step << 2), outStep, step)
  }
  if (k > 0) packSingly(out, w, k, outStep, 4, step, 8)
}

/** out[c, r] = x[r, c] for a block of 4 by 4; the steps are bytes from row to row. */
// @ts-ignore: decorator
@inline export function turnBlock(out: usize, x: usize, outStep: usize, step: usize): void {
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

/** Eight outputs, of which `columns` are there. */
function packSingly(out: usize, w: usize, k: i32, outStep: usize, inStep: usize, columnStep: usize, columns: i32): void {
  for (; k > 0; k--, out += outStep, w += inStep) {
    for (let c = 0, at = w; c < 8; c++, at += columnStep) {
      f32.store(out + ((<usize>c) << 2), c < columns ? f32.load(at) : 0)
    }
  }
}

export function unpack(
  out: usize, panels: usize, k: i32, n: i32, outIn: i32, outOut: i32, width: i32, begin: i32, end: i32,
): void {
  const inStep = (<usize>outIn) << 2
  const outStep = (<usize>outOut) << 2
  const row = (<usize>width) << 2
  for (let o = 0; o < n; o += 8) {
    const p = o / width
    const panel = panels + (<usize>p) * (<usize>k) * row + ((<usize>(o - p * width)) << 2)
    const to = out + (<usize>o) * outStep
    let i = begin
    if (outIn == 1 && n - o >= 8) {
      for (; i + 4 <= end; i += 4) {
        const from = panel + (<usize>i) * row
        turnBlock(to + ((<usize>i) << 2), from, outStep, row)
        turnBlock(to + ((<usize>i) << 2) + (outStep << 2), from + 16, outStep, row)
      }
    }
    for (; i < end; i++) unpackRow(to + (<usize>i) * inStep, panel + (<usize>i) * row, outStep, n - o)
  }
}

/** Up to eight numbers of a panel to places `step` bytes apart. */
// @ts-ignore: decorator
@inline function unpackRow(out: usize, row: usize, step: usize, columns: i32): void {
  if (step == 4) {
    store(out, v128.load(row), columns)
    store(out + 16, v128.load(row, 16), columns - 4)
  } else {
    for (let c = 0; c < min(columns, 8); c++) f32.store(out + (<usize>c) * step, f32.load(row + ((<usize>c) << 2)))
  }
}
