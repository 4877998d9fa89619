// Rows of a table, the fast twin of kernels/embedding.ts.
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
