// Moving 4-byte words, float32 or int32, the fast twin of kernels/move.ts.
import { load, store } from './vector'

export function copyBlocks(
  out: usize, x: usize, outStep: i32, xStep: i32, length: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) copy(out + ((<usize>(r * outStep)) << 2), x + ((<usize>(r * xStep)) << 2), length)
}

export function swapAxes(out: usize, x: usize, B: i32, C: i32, n: i32, begin: i32, end: i32): void {
  const step = (<usize>(C * n)) << 2
  for (let r = begin; r < end; r++) {
    const a = r / C
    let from = x + ((<usize>((a * B * C + (r - a * C)) * n)) << 2)
    let to = out + ((<usize>(r * B * n)) << 2)
    for (let b = 0; b < B; b++, from += step, to += (<usize>n) << 2) copy(to, from, n)
  }
}

/** `count` words from x to out. */
// @ts-ignore: decorator
@inline export function copy(out: usize, x: usize, count: i32): void {
  for (; count >= 8; count -= 8, out += 32, x += 32) {
    const first = v128.load(x)
    const second = v128.load(x, 16)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, out += 16, x += 16) store(out, load(x, count), count)
}
