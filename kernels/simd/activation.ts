// Activation functions, four numbers at a time: see kernels/activation.ts.
import { F, map } from './elementwise'

export function relu(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.relu, out, x, begin, end)
}

export function sigmoid(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.sigmoid, out, x, begin, end)
}

export function silu(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.silu, out, x, begin, end)
}

export function gelu(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.gelu, out, x, begin, end)
}

export function geluTanh(out: usize, x: usize, begin: i32, end: i32): void {
  map(F.geluTanh, out, x, begin, end)
}
