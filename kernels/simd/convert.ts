// Half-precision numbers, the fast twin of kernels/convert.ts.
import { Elementwise } from './elementwise'
import { constant, store as storeLanes } from './vector'

@unmanaged @final
export class BF16 extends Elementwise {
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
export class F16 extends Elementwise {
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
export function widen<F extends Elementwise>(out: usize, x: usize, begin: i32, end: i32): void {
  const f = changetype<F>(0)
  out += (<usize>begin) << 2
  x += (<usize>begin) << 1
  let count = end - begin
  for (; count >= 8; count -= 8, out += 32, x += 16) {
    const first = f.of(v128.load16x4_u(x))
    const second = f.of(v128.load16x4_u(x, 8))
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count--, out += 4, x += 2) storeLanes(out, f.of(i32x4.splat(<i32>load<u16>(x))), 1)
}

const MAGNITUDE_32 = memory.data<u32>([0x7fffffff])
const SMALLEST_NORMAL = memory.data<u32>([0x38800000])
const LARGEST = memory.data<u32>([0x477fefff])
const NAN_16 = memory.data<u32>([0x7e00])
const INFINITY_OF_16 = memory.data<u32>([0x7c00])
const REBASE = memory.data<i32>([0xfff - 0x38000000])
const ROUNDING = memory.data<f32>([12582912])
const TWO_TO_24 = memory.data<f32>([16777216])
const ONE = memory.data<i32>([1])
const HALF_LESS = memory.data<i32>([0x7fff])
const QUIET = memory.data<i32>([0x40])

@unmanaged @final
class ToF16 extends Elementwise {
  @inline of(x: v128): v128 {
    const magnitude = v128.and(x, constant(MAGNITUDE_32))
    const odd = v128.and(i32x4.shr_u(magnitude, 13), constant(ONE))
    const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, constant(REBASE)), odd), 13)
    const whole = f32x4.add(f32x4.mul(magnitude, constant(TWO_TO_24)), constant(ROUNDING))
    const subnormal = i32x4.sub(whole, constant(ROUNDING))
    const finite = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, constant(SMALLEST_NORMAL)))
    const large = v128.bitselect(constant(INFINITY_OF_16), finite, i32x4.gt_s(magnitude, constant(LARGEST)))
    const bits = v128.bitselect(constant(NAN_16), large, i32x4.gt_s(magnitude, constant(INFINITY_32)))
    return v128.or(bits, v128.and(i32x4.shr_u(x, 16), constant(SIGN)))
  }
}

@unmanaged @final
class ToBF16 extends Elementwise {
  @inline of(x: v128): v128 {
    const upper = i32x4.shr_u(x, 16)
    const odd = v128.and(upper, constant(ONE))
    const bits = i32x4.shr_u(i32x4.add(i32x4.add(x, constant(HALF_LESS)), odd), 16)
    const isNaN = i32x4.gt_s(v128.and(x, constant(MAGNITUDE_32)), constant(INFINITY_32))
    return v128.bitselect(v128.or(upper, constant(QUIET)), bits, isNaN)
  }
}

export function narrowF16(out: usize, x: usize, begin: i32, end: i32): void {
  narrow<ToF16>(out, x, begin, end)
}

export function narrowBF16(out: usize, x: usize, begin: i32, end: i32): void {
  narrow<ToBF16>(out, x, begin, end)
}

/** out[i] = f(x[i]) as 16-bit words. */
// @ts-ignore: decorator
@inline function narrow<F extends Elementwise>(out: usize, x: usize, begin: i32, end: i32): void {
  const f = changetype<F>(0)
  out += (<usize>begin) << 1
  x += (<usize>begin) << 2
  let count = end - begin
  for (; count >= 8; count -= 8, out += 16, x += 32) {
    v128.store(out, i16x8.narrow_i32x4_u(f.of(v128.load(x)), f.of(v128.load(x, 16))))
  }
  for (; count > 0; count--, out += 2, x += 4) store<u16>(out, <u16>i32x4.extract_lane(f.of(v128.load32_zero(x)), 0))
}
