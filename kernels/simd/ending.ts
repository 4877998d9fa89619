// What a product ends with: a function of every number, then the addition of a residual. The numbers of the functions are
// their places in kernels/activation.ts.
import { Gelu, GeluTanh, Relu, Sigmoid, Silu } from './activation'
import { map } from './elementwise'
import { Tanh } from './math'
import { load, store } from './vector'

/** For `rows` rows of `columns` numbers that begin `step` numbers apart, in place. A residual at address 0 is none. */
export function finish(out: usize, residual: usize, step: i32, rows: i32, columns: i32, ending: i32): void {
  if (ending == 0 && residual == 0) return
  const row = (<usize>step) << 2
  for (; rows > 0; rows--, out += row) {
    if (ending == 1) map<Relu>(out, out, 0, columns)
    else if (ending == 2) map<Gelu>(out, out, 0, columns)
    else if (ending == 3) map<GeluTanh>(out, out, 0, columns)
    else if (ending == 4) map<Tanh>(out, out, 0, columns)
    else if (ending == 5) map<Sigmoid>(out, out, 0, columns)
    else if (ending == 6) map<Silu>(out, out, 0, columns)
    if (residual != 0) {
      addRow(out, residual, columns)
      residual += row
    }
  }
}

/** row += other, for `count` numbers. */
export function addRow(row: usize, other: usize, count: i32): void {
  for (; count >= 8; count -= 8, row += 32, other += 32) {
    const first = f32x4.add(v128.load(row), v128.load(other))
    const second = f32x4.add(v128.load(row, 16), v128.load(other, 16))
    v128.store(row, first)
    v128.store(row, second, 16)
  }
  for (; count > 0; count -= 4, row += 16, other += 16) {
    store(row, f32x4.add(load(row, count), load(other, count)), count)
  }
}
