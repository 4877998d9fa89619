// The product of two activations, the fast twin of kernels/matmul.ts.
import { dots } from './dot'
import { columnsOfTile, tiles, ZEROS } from './tile'
import { load, mac, store, zero } from './vector'

export function matmul(
  out: usize, a: usize, b: usize, k: i32, n: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  if (bRow == 1) byColumns(out, a, b, k, n, bCol, begin, end)
  else if (bCol == 1) byRows(out, a, b, k, n, bRow, begin, end)
  else singly(out, a, b, k, n, bRow, bCol, begin, end)
}

/** The columns of b lie side by side: scalar products. */
// @ts-ignore: decorator
@inline function byColumns(
  out: usize, a: usize, b: usize, k: i32, n: i32, bCol: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    dots(out + ((<usize>(r * n)) << 2), a + ((<usize>(r * k)) << 2), b, k, (<usize>bCol) << 2, n, 1)
  }
}

/** The rows of b lie side by side: tiles from four rows on, and what is left in rows of four columns. */
// @ts-ignore: decorator
@inline function byRows(
  out: usize, a: usize, b: usize, k: i32, n: i32, bRow: i32, begin: i32, end: i32,
): void {
  const aStep = (<usize>k) << 2
  const bStep = (<usize>bRow) << 2
  const outStep = (<usize>n) << 2
  const width = columnsOfTile()
  const rows = end - begin
  let c = 0
  if (rows >= 4) {
    const to = out + (<usize>begin) * outStep
    const from = a + (<usize>begin) * aStep
    for (; c + width <= n; c += width) {
      const column = (<usize>c) << 2
      tiles(to + column, from, b + column, ZEROS, k, outStep, aStep, bStep, rows, width, width)
    }
  }
  for (let r = begin; r < end; r++) columns(out + (<usize>r) * outStep, a + (<usize>r) * aStep, b, k, bStep, c, n)
}

/** Columns first..n of one row. */
function columns(out: usize, a: usize, b: usize, k: i32, bStep: usize, first: i32, n: i32): void {
  for (let c = first; c < n; c += 4) {
    let sum = zero()
    let at = b + ((<usize>c) << 2)
    for (let i = 0; i < k; i++, at += bStep) {
      sum = mac(load(at, n - c), v128.load32_splat(a + ((<usize>i) << 2)), sum)
    }
    store(out + ((<usize>c) << 2), sum, n - c)
  }
}

// @ts-ignore: decorator
@inline function singly(
  out: usize, a: usize, b: usize, k: i32, n: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    for (let c = 0; c < n; c++) {
      let sum: f32 = 0
      for (let i = 0; i < k; i++) {
        sum += f32.load(a + ((<usize>(r * k + i)) << 2)) * f32.load(b + ((<usize>(i * bRow + c * bCol)) << 2))
      }
      f32.store(out + ((<usize>(r * n + c)) << 2), sum)
    }
  }
}
