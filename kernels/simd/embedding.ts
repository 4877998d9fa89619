// Rows of a table, by id: see kernels/embedding.ts.

export function embedding(out: usize, table: usize, ids: usize, cols: i32, width: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const id = load<i32>(ids + (r << 2))
    const to = out + (<usize>r * <usize>cols << 2)
    if (width == 1) {
      memory.copy(to, table + (<usize>id * <usize>cols << 2), <usize>cols << 2)
    } else {
      let from = table + (<usize>(id / width) * <usize>cols * <usize>width + <usize>(id % width) << 2)
      for (let c = 0; c < cols; c++, from += <usize>width << 2) store<f32>(to + (c << 2), load<f32>(from))
    }
  }
}
