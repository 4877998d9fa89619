// Products with a weight matrix in panels, the fast twin of kernels/linear.ts. `width` is 8 or 16 here.
import { finish } from './ending'
import { storeRow, tiles, ZEROS } from './tile'
import { mac, zero } from './vector'

/**
 * Bytes of activations that are multiplied with all panels before the next rows come: they stay in a level 2 cache, or near it, and
 * weights come from memory as seldom as that allows.
 */
const BLOCK: i32 = 1600 << 10

export function linear(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  begin: i32, end: i32,
): void {
  if (rows < 4) {
    fewRows(out, x, w, bias, k, n, width, rows, begin, end)
    const first = <usize>(begin * width) << 2
    const last = min(end * width, n) - begin * width
    finish(out + first, residual == 0 ? 0 : residual + first, n, rows, last, ending)
    return
  }
  const blocks = (((<i64>rows) * k * 4) / BLOCK) as i32 + 1
  // A multiple of 6, so that only the last block has rows that do not fill a tile.
  const most = ((rows + blocks - 1) / blocks + 5) / 6 * 6
  for (let r = 0; r < rows; r += most) {
    // Fewer than 4 rows at the end are computed together with some before them, once more.
    const first = rows - r < 4 ? rows - 4 : r
    manyRows(out, x, w, bias, residual, ending, k, n, width, first, min(r + most, rows), begin, end)
  }
}

/** Rows first..last, four or more, of panels begin..end. */
// @ts-ignore: decorator
@inline function manyRows(
  out: usize, x: usize, w: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, first: i32,
  last: i32, begin: i32, end: i32,
): void {
  const xStep = (<usize>k) << 2
  const outStep = (<usize>n) << 2
  const wStep = (<usize>width) << 2
  const start = (<usize>first) * outStep
  for (let p = begin; p < end; p++) {
    const column = (<usize>p) * wStep
    const to = out + start + column
    const init = bias == 0 ? ZEROS : bias + column
    const columns = n - p * width
    tiles(to, x + (<usize>first) * xStep, w + column * (<usize>k), init, k, outStep, xStep, wStep, last - first, width, columns)
    finish(to, residual == 0 ? 0 : residual + start + column, n, last - first, min(width, columns), ending)
  }
}

/** Row after row for each panel, which stays in the cache. */
// @ts-ignore: decorator
@inline function fewRows(
  out: usize, x: usize, w: usize, bias: usize, k: i32, n: i32, width: i32, rows: i32, begin: i32, end: i32,
): void {
  const step = (<usize>width) << 2
  for (let p = begin; p < end; p++) {
    const column = (<usize>p) * step
    const columns = n - p * width
    const panel = w + column * (<usize>k)
    const init = bias == 0 ? ZEROS : bias + column
    for (let r = 0; r < rows; r++) {
      const to = out + (((<usize>r) * (<usize>n)) << 2) + column
      const from = x + (((<usize>r) * (<usize>k)) << 2)
      if (width == 16 && columns >= 16) row16(to, from, panel, init, k)
      else {
        row8(to, from, panel, init, k, step, columns)
        if (width == 16 && columns > 8) row8(to + 32, from, panel + 32, init + 32, k, step, columns - 8)
      }
    }
  }
}

/** One row times eight columns. Four sums side by side, because an addition must wait for the one before it. */
function row8(out: usize, x: usize, w: usize, init: usize, k: i32, step: usize, columns: i32): void {
  let a0 = v128.load(init), a1 = v128.load(init, 16)
  let b0 = zero(), b1 = zero(), c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero()
  for (; k >= 4; k -= 4, x += 16) {
    let v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0)
    a1 = mac(v128.load(w, 16), v, a1)
    w += step
    v = v128.load32_splat(x, 4)
    b0 = mac(v128.load(w), v, b0)
    b1 = mac(v128.load(w, 16), v, b1)
    w += step
    v = v128.load32_splat(x, 8)
    c0 = mac(v128.load(w), v, c0)
    c1 = mac(v128.load(w, 16), v, c1)
    w += step
    v = v128.load32_splat(x, 12)
    d0 = mac(v128.load(w), v, d0)
    d1 = mac(v128.load(w, 16), v, d1)
    w += step
  }
  for (; k > 0; k--, x += 4, w += step) {
    const v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0)
    a1 = mac(v128.load(w, 16), v, a1)
  }
  const low = f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0))
  const high = f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1))
  storeRow(out, low, high, columns)
}

/** The same for a whole panel of 16 columns. */
function row16(out: usize, x: usize, w: usize, init: usize, k: i32): void {
  let a0 = v128.load(init), a1 = v128.load(init, 16), a2 = v128.load(init, 32), a3 = v128.load(init, 48)
  let b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero(), c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero()
  let d0 = zero(), d1 = zero(), d2 = zero(), d3 = zero()
  for (; k >= 4; k -= 4, x += 16, w += 256) {
    let v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0), a1 = mac(v128.load(w, 16), v, a1)
    a2 = mac(v128.load(w, 32), v, a2), a3 = mac(v128.load(w, 48), v, a3)
    v = v128.load32_splat(x, 4)
    b0 = mac(v128.load(w, 64), v, b0), b1 = mac(v128.load(w, 80), v, b1)
    b2 = mac(v128.load(w, 96), v, b2), b3 = mac(v128.load(w, 112), v, b3)
    v = v128.load32_splat(x, 8)
    c0 = mac(v128.load(w, 128), v, c0), c1 = mac(v128.load(w, 144), v, c1)
    c2 = mac(v128.load(w, 160), v, c2), c3 = mac(v128.load(w, 176), v, c3)
    v = v128.load32_splat(x, 12)
    d0 = mac(v128.load(w, 192), v, d0), d1 = mac(v128.load(w, 208), v, d1)
    d2 = mac(v128.load(w, 224), v, d2), d3 = mac(v128.load(w, 240), v, d3)
  }
  for (; k > 0; k--, x += 4, w += 64) {
    const v = v128.load32_splat(x)
    a0 = mac(v128.load(w), v, a0), a1 = mac(v128.load(w, 16), v, a1)
    a2 = mac(v128.load(w, 32), v, a2), a3 = mac(v128.load(w, 48), v, a3)
  }
  const s0 = f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0)), s1 = f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1))
  const s2 = f32x4.add(f32x4.add(a2, b2), f32x4.add(c2, d2)), s3 = f32x4.add(f32x4.add(a3, b3), f32x4.add(c3, d3))
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
}

/** The product with panel p of a weight, of which only that panel is there. */
// @ts-ignore: decorator
@inline export function onePanel(
  out: usize, x: usize, panel: usize, bias: usize, residual: usize, ending: i32, k: i32, n: i32, width: i32, rows: i32,
  p: i32,
): void {
  const before = ((<usize>p) * (<usize>(k * width))) << 2
  linear(out, x, panel - before, bias, residual, ending, k, n, width, rows, p, p + 1)
}
