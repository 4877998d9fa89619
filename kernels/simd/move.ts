// Moving four-byte values: see kernels/move.ts. gatherSteps and cast have no twin.
import { loadPart, storePart } from './vector'

/** Copies `length` values; short runs without the cost of a call. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, length: i32): void {
  if (length > 256) {
    memory.copy(to, from, <usize>length << 2)
    return
  }
  let i = 0
  for (; i + 4 <= length; i += 4) v128.store(to + (i << 2), v128.load(from + (i << 2)))
  if (i < length) storePart(to + (i << 2), loadPart(from + (i << 2), length - i), length - i)
}

export function copyBlocks(out: usize, x: usize, outStep: i32, xStep: i32, length: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    copy(out + (<usize>r * <usize>outStep << 2), x + (<usize>r * <usize>xStep << 2), length)
  }
}

export function swapAxes(out: usize, x: usize, B: i32, C: i32, n: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const a = r / C
    const c = r % C
    for (let b = 0; b < B; b++) {
      copy(out + (<usize>(r * B + b) * <usize>n << 2), x + (<usize>((a * B + b) * C + c) * <usize>n << 2), n)
    }
  }
}
