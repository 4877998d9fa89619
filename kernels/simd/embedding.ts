// Rows of a table, the fast twin of kernels/embedding.ts.
import { BF16, F16, widen } from './convert'
import { Elementwise } from './elementwise'
import { copy } from './move'

export function embedding(
  out: usize, table: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const id = load<i32>(ids + ((<usize>r) << 2))
    const panel = id / width
    const from = table + ((<usize>(panel * cols * width + (id - panel * width))) << 2)
    const to = out + ((<usize>(r * cols)) << 2)
    if (width == 1) copy(to, from, cols)
    else collect(to, from, (<usize>width) << 2, cols)
  }
}

/** `count` numbers that stand `step` bytes apart, side by side. */
// @ts-ignore: decorator
@inline function collect(out: usize, x: usize, step: usize, count: i32): void {
  for (; count > 0; count--, out += 4, x += step) store<f32>(out, load<f32>(x))
}

export function embeddingF16(
  out: usize, table: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32,
): void {
  embeddingHalf<F16>(out, table, ids, cols, width, begin, end)
}

export function embeddingBF16(
  out: usize, table: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32,
): void {
  embeddingHalf<BF16>(out, table, ids, cols, width, begin, end)
}

// @ts-ignore: decorator
@inline function embeddingHalf<Half extends Elementwise>(
  out: usize, table: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const to = out + ((<usize>(r * cols)) << 2)
    widen<Half>(to, collectHalves(to, table, ids, r, cols, width), 0, cols)
  }
}

/** Puts the 16-bit words of row r into the second half of its place, from where they can be widened into the whole. */
// @ts-ignore: decorator
@inline function collectHalves(to: usize, table: usize, ids: usize, r: i32, cols: i32, width: i32): usize {
  const id = load<i32>(ids + ((<usize>r) << 2))
  const panel = id / width
  const words = to + ((<usize>cols) << 1)
  const step = (<usize>width) << 1
  let from = table + ((<usize>(panel * cols * width + (id - panel * width))) << 1)
  for (let c = 0; c < cols; c++, from += step) store<u16>(words + ((<usize>c) << 1), load<u16>(from))
  return words
}

export function embeddingInt8(
  out: usize, table: usize, scales: usize, ids: usize, cols: i32, width: i32, group: i32, begin: i32, end: i32,
): void {
  const inputs = (cols + 3) & ~3
  const step = <usize>(width * group)
  for (let r = begin; r < end; r++) {
    const id = load<i32>(ids + ((<usize>r) << 2))
    const panel = id / width
    const scale = load<f32>(scales + ((<usize>id) << 2))
    let from = table + <usize>(panel * inputs * width + (id - panel * width) * group)
    let to = out + ((<usize>(r * cols)) << 2)
    for (let c = 0; c < cols; c += group, from += step) {
      for (let j = 0; j < min(group, cols - c); j++, to += 4) {
        store<f32>(to, <f32>load<i8>(from + <usize>j) * scale)
      }
    }
  }
}

export function embeddingQ4(
  out: usize, table: usize, scales: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32,
): void {
  const blocks = (cols + 31) >> 5
  for (let r = begin; r < end; r++) {
    const id = load<i32>(ids + ((<usize>r) << 2))
    const panel = id / width
    const column = id - panel * width
    for (let b = 0; b < blocks; b++) {
      const block = (panel * blocks + b) * width
      const scale = reinterpret<f32>(<i32>load<u16>(scales + ((<usize>(block + column)) << 1)) << 16)
      let from = table + ((<usize>block) << 4) + ((<usize>column) << 1)
      const to = out + ((<usize>(r * cols + (b << 5))) << 2)
      const count = cols - (b << 5)
      for (let i = 0; i < 16; i++) {
        const byte = load<u8>(from + <usize>(i & 1))
        if (i < count) store<f32>(to + ((<usize>i) << 2), <f32>(<i32>(byte & 15) - 8) * scale)
        if (i + 16 < count) store<f32>(to + ((<usize>(i + 16)) << 2), <f32>(<i32>(byte >> 4) - 8) * scale)
        if ((i & 1) == 1) from += (<usize>width) << 1
      }
    }
  }
}
