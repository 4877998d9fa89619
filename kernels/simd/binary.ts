// Arithmetic of two arrays over a grid, four columns at a time: see kernels/binary.ts.
import { loadPart, storePart } from './vector'

// @ts-ignore: decorator
@inline const ADD: i32 = 0
// @ts-ignore: decorator
@inline const SUB: i32 = 1
// @ts-ignore: decorator
@inline const MUL: i32 = 2
// @ts-ignore: decorator
@inline const DIV: i32 = 3

// @ts-ignore: decorator
@inline
function apply(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b)
  if (op == SUB) return f32x4.sub(a, b)
  if (op == MUL) return f32x4.mul(a, b)
  return f32x4.div(a, b)
}

// @ts-ignore: decorator
@inline
function load(p: usize, col: i32, step: i32): v128 {
  return step ? v128.load(p + (col << 2)) : v128.load32_splat(p)
}

// @ts-ignore: decorator
@inline
function loadRest(p: usize, col: i32, step: i32, count: i32): v128 {
  return step ? loadPart(p + (col << 2), count) : v128.load32_splat(p)
}

// @ts-ignore: decorator
@inline
function overGrid(op: i32, out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32): void {
  const whole = cols & ~3
  for (let r = begin; r < end; r++) {
    const ap = a + (r * aRow << 2)
    const bp = b + (r * bRow << 2)
    const to = out + (r * cols << 2)
    for (let col = 0; col < whole; col += 4) v128.store(to + (col << 2), apply(op, load(ap, col, aCol), load(bp, col, bCol)))
    const rest = cols - whole
    if (rest) storePart(to + (whole << 2), apply(op, loadRest(ap, whole, aCol, rest), loadRest(bp, whole, bCol, rest)), rest)
  }
}

export function add(out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32): void {
  overGrid(ADD, out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function sub(out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32): void {
  overGrid(SUB, out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function mul(out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32): void {
  overGrid(MUL, out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}

export function div(out: usize, a: usize, b: usize, cols: i32, aRow: i32, aCol: i32, bRow: i32, bCol: i32, begin: i32, end: i32): void {
  overGrid(DIV, out, a, b, cols, aRow, aCol, bRow, bCol, begin, end)
}
