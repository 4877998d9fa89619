// Widening of half-precision numbers, the fast twin of kernels/convert.ts.
import { Elementwise } from './elementwise'
import { constant, store } from './vector'

@unmanaged @final
class BF16 extends Elementwise {
  @inline of(x: v128): v128 {
    return i32x4.shl(x, 16)
  }
}

const SIGN = memory.data<u32>([0x8000])
const MAGNITUDE = memory.data<u32>([0x7fff])
const INFINITY_16 = memory.data<u32>([0x7bff])
const INFINITY_32 = memory.data<u32>([0x7f800000])
const BIAS = memory.data<f32>([5.192296858534828e33])

@unmanaged @final
class F16 extends Elementwise {
  // Shifted into place, the exponent is too small by 112. A factor of 2^112 mends that, for subnormal numbers too.
  @inline of(x: v128): v128 {
    const magnitude = v128.and(x, constant(MAGNITUDE))
    const value = f32x4.mul(i32x4.shl(magnitude, 13), constant(BIAS))
    const infinite = v128.and(i32x4.gt_s(magnitude, constant(INFINITY_16)), constant(INFINITY_32))
    return v128.or(v128.or(value, infinite), i32x4.shl(v128.and(x, constant(SIGN)), 16))
  }
}

export function widenF16(out: usize, x: usize, begin: i32, end: i32): void {
  widen<F16>(out, x, begin, end)
}

export function widenBF16(out: usize, x: usize, begin: i32, end: i32): void {
  widen<BF16>(out, x, begin, end)
}

/** out[i] = f(x[i]) with x of 16-bit words, each in a lane of its own. */
// @ts-ignore: decorator
@inline function widen<F extends Elementwise>(out: usize, x: usize, begin: i32, end: i32): void {
  const f = changetype<F>(0)
  out += (<usize>begin) << 2
  x += (<usize>begin) << 1
  let count = end - begin
  for (; count >= 4; count -= 4, out += 16, x += 8) v128.store(out, f.of(v128.load16x4_u(x)))
  for (; count > 0; count--, out += 4, x += 2) store(out, f.of(i32x4.splat(<i32>load<u16>(x))), 1)
}
