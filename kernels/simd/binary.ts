// Arithmetic of two arrays over a grid, the fast twin of kernels/binary.ts.
import { Pairwise } from './elementwise'
import { load, store } from './vector'

@unmanaged @final
class Add extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.add(a, b)
  }
}

@unmanaged @final
class Sub extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.sub(a, b)
  }
}

@unmanaged @final
class Mul extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.mul(a, b)
  }
}

@unmanaged @final
class Div extends Pairwise {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.div(a, b)
  }
}

export function add(
  out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  grid<Add>(out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function sub(
  out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  grid<Sub>(out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function mul(
  out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  grid<Mul>(out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function div(
  out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  grid<Div>(out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

/** out[r, c] = f(a[r * aRow + c * aCol], b[r * bRow + c * bCol]) for rows begin..end. */
// @ts-ignore: decorator
@inline function grid<F extends Pairwise>(
  out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32,
): void {
  const f = changetype<F>(0)
  for (let r = begin; r < end; r++) {
    let o = out + ((<usize>(r * cols)) << 2)
    let left = a + ((<usize>(r * aRow)) << 2)
    let right = b + ((<usize>(r * bRow)) << 2)
    let count = cols
    if (aCol == 1 && bCol == 1) {
      for (; count >= 8; count -= 8, o += 32, left += 32, right += 32) {
        const first = f.of(v128.load(left), v128.load(right))
        const second = f.of(v128.load(left, 16), v128.load(right, 16))
        v128.store(o, first)
        v128.store(o, second, 16)
      }
    }
    for (; count > 0; count -= 4, o += 16) {
      store(o, f.of(operand(left, aCol, count), operand(right, bCol, count)), count)
      left += (<usize>aCol) << 4
      right += (<usize>bCol) << 4
    }
  }
}

/** Up to four numbers that stand `step` apart. */
// @ts-ignore: decorator
@inline function operand(at: usize, step: i32, count: i32): v128 {
  if (step == 1) return load(at, count)
  if (step == 0) return v128.load32_splat(at)
  return apart(at, (<usize>step) << 2, count)
}

function apart(at: usize, step: usize, count: i32): v128 {
  let v = v128.load32_zero(at)
  if (count > 1) v = v128.load32_lane(at + step, v, 1)
  if (count > 2) v = v128.load32_lane(at + step * 2, v, 2)
  if (count > 3) v = v128.load32_lane(at + step * 3, v, 3)
  return v
}
