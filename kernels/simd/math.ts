// Element-wise functions of one array, four numbers at a time: see kernels/math.ts.
import { F, map } from './elementwise'

export function neg(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.neg, out, x, begin, end)
}

export function abs(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.abs, out, x, begin, end)
}

export function exp(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.exp, out, x, begin, end)
}

export function log(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.log, out, x, begin, end)
}

export function sqrt(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.sqrt, out, x, begin, end)
}

export function rsqrt(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.rsqrt, out, x, begin, end)
}

export function tanh(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.tanh, out, x, begin, end)
}

export function erf(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.erf, out, x, begin, end)
}
