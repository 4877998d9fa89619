// Applying a function to every element of an array. A function is a class without fields, so that the compiler knows which
// one it is and puts it into the loop.
import { load, store } from './vector'

/** f(x) for four numbers. */
@unmanaged
export abstract class Elementwise {
  abstract of(x: v128): v128
}

/** f(a, b) for four pairs. */
@unmanaged
export abstract class Pairwise {
  abstract of(a: v128, b: v128): v128
}

/** out[i] = f(x[i]) for begin <= i < end. out may be x. */
// @ts-ignore: decorator
@inline export function map<F extends Elementwise>(out: usize, x: usize, begin: i32, end: i32): void {
  const f = changetype<F>(0)
  out += (<usize>begin) << 2
  x += (<usize>begin) << 2
  let count = end - begin
  for (; count >= 8; count -= 8, out += 32, x += 32) {
    // Both before the stores: V8 joins neighbouring pairs only when no load stands between their stores.
    const first = f.of(v128.load(x))
    const second = f.of(v128.load(x, 16))
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, out += 16, x += 16) store(out, f.of(load(x, count)), count)
}
