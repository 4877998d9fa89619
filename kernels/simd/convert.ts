// Half-precision numbers widened to float32: see kernels/convert.ts.
import * as c from './constants'
import { k } from './constants'
import { storePart } from './vector'

/** Four binary16 numbers in the low halves of the lanes: their bits in float32's places, scaled; Infinity and NaN apart. */
// @ts-ignore: decorator
@inline
function fromF16(h: v128): v128 {
  const sign = i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16)
  const rest = v128.and(h, i32x4.splat(0x7fff))
  const scaled = f32x4.mul(i32x4.shl(rest, 13), k(c.TWO_112))
  const isSpecial = i32x4.ge_s(rest, i32x4.splat(0x7c00))
  return v128.or(sign, v128.or(scaled, v128.and(isSpecial, i32x4.splat(0x7f800000))))
}

// @ts-ignore: decorator
@inline
function fromBF16(h: v128): v128 {
  return i32x4.shl(h, 16)
}

/** The last 1 to 3 half-precision numbers as lanes. */
// @ts-ignore: decorator
@inline
function loadHalves(p: usize, count: i32): v128 {
  let v = i32x4.splat(load<u16>(p))
  if (count > 1) v = i32x4.replace_lane(v, 1, load<u16>(p, 2))
  if (count > 2) v = i32x4.replace_lane(v, 2, load<u16>(p, 4))
  return v
}

export function widenF16(out: usize, x: usize, begin: i32, end: i32): void {
  let i = begin
  for (; i + 4 <= end; i += 4) v128.store(out + (i << 2), fromF16(v128.load16x4_u(x + (i << 1))))
  if (i < end) storePart(out + (i << 2), fromF16(loadHalves(x + (i << 1), end - i)), end - i)
}

export function widenBF16(out: usize, x: usize, begin: i32, end: i32): void {
  let i = begin
  for (; i + 4 <= end; i += 4) v128.store(out + (i << 2), fromBF16(v128.load16x4_u(x + (i << 1))))
  if (i < end) storePart(out + (i << 2), fromBF16(loadHalves(x + (i << 1), end - i)), end - i)
}
