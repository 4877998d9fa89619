// Weights in 4 bits and their product, the fast twin of kernels/q4.ts. `width` is 8 or 16 here.
import { finish } from './ending'
import { wholeNear } from './int8'
import { constant, load, mac, store, sumOfLanes, zero } from './vector'

const FOUR_BITS = memory.data<u32>([0x0f0f0f0f])
const UPPER_HALF = memory.data<u32>([0xffff0000])
const HALF_LESS = memory.data<i32>([0x7fff])
const ONE = memory.data<i32>([1])
const FIFTEEN = memory.data<i32>([15])
const EIGHT = memory.data<i32>([8])

export function quantiseQ4(
  out: usize, scales: usize, panels: usize, k: i32, width: i32, begin: i32, end: i32,
): void {
  const blocks = (k + 31) >> 5
  const row = floats(width)
  for (let p = begin; p < end; p++) {
    for (let b = 0; b < blocks; b++) {
      const pb = p * blocks + b
      for (let c = 0; c < width; c += 4) {
        const from = panels + floats((p * k + (b << 5)) * width + c)
        const to = out + (<usize>(pb * width)) * 16 + (<usize>(c << 1))
        const bits = blockScale(from, k - (b << 5), row)
        v128.store64_lane(scales + ((<usize>(pb * width + c)) << 1), i16x8.narrow_i32x4_u(bits, bits), 0)
        quantiseBlock(to, from, k - (b << 5), row, i32x4.shl(bits, 16), (<usize>width) << 1)
      }
    }
  }
}

const STEPS = memory.data<f32>([<f32>(-1.0 / 8.0), <f32>(-1.0 / 9.0), <f32>(-1.0 / 8.5), <f32>(-1.0 / 7.5), <f32>(-1.0 / 7.0)])
const TRIES: usize = 5

/** The bfloat16 scales of a block of four outputs: of those that are tried, the ones with the least squared error. */
// @ts-ignore: decorator
@inline function blockScale(from: usize, count: i32, row: usize): v128 {
  let low = zero()
  let high = zero()
  for (let i = min(count, 32), at = from; i > 0; i--, at += row) {
    const v = v128.load(at)
    low = f32x4.min(low, v)
    high = f32x4.max(high, v)
  }
  const farthest = v128.bitselect(high, low, f32x4.gt(high, f32x4.neg(low)))
  let bits = zero()
  let least = f32x4.splat(Infinity)
  for (let t: usize = 0; t < TRIES; t++) {
    const scale = f32x4.mul(farthest, constant(STEPS, t))
    const odd = v128.and(i32x4.shr_u(scale, 16), constant(ONE))
    const tried = i32x4.shr_u(i32x4.add(i32x4.add(scale, constant(HALF_LESS)), odd), 16)
    const error = blockError(from, count, row, i32x4.shl(tried, 16))
    const isLess = f32x4.lt(error, least)
    bits = v128.bitselect(tried, bits, isLess)
    least = v128.bitselect(error, least, isLess)
  }
  return bits
}

/** The sums of the squared errors of a block of four outputs. */
// @ts-ignore: decorator
@inline function blockError(from: usize, count: i32, row: usize, scale: v128): v128 {
  const inverse = v128.andnot(f32x4.div(f32x4.splat(1), scale), f32x4.eq(scale, zero()))
  let error = zero()
  for (let i = min(count, 32); i > 0; i--, from += row) {
    const v = v128.load(from)
    const four = i32x4.add(wholeNear(f32x4.mul(v, inverse)), constant(EIGHT))
    const kept = i32x4.sub(i32x4.min_s(i32x4.max_s(four, zero()), constant(FIFTEEN)), constant(EIGHT))
    const off = f32x4.sub(v, f32x4.mul(f32x4.convert_i32x4_s(kept), scale))
    error = f32x4.add(error, f32x4.mul(off, off))
  }
  return error
}

/** A block of four outputs: two rows at a time, and those 16 further on in the upper four bits. */
// @ts-ignore: decorator
@inline function quantiseBlock(out: usize, from: usize, count: i32, row: usize, scale: v128, step: usize): void {
  const inverse = v128.andnot(f32x4.div(f32x4.splat(1), scale), f32x4.eq(scale, zero()))
  for (let i = 0; i < 16; i += 2, out += step) {
    let words = zero()
    for (let j = 0; j < 2; j++) {
      const low = fourBits(from, i + j, count, row, inverse)
      const high = fourBits(from, i + j + 16, count, row, inverse)
      words = v128.or(words, i32x4.shl(v128.or(low, i32x4.shl(high, 4)), j << 3))
    }
    v128.store64_lane(out, i16x8.narrow_i32x4_u(words, words), 0)
  }
}

// @ts-ignore: decorator
@inline function fourBits(from: usize, i: i32, count: i32, row: usize, inverse: v128): v128 {
  const v = i < count ? v128.load(from + (<usize>i) * row) : zero()
  const q = i32x4.add(wholeNear(f32x4.mul(v, inverse)), constant(EIGHT))
  return i32x4.min_s(i32x4.max_s(q, zero()), constant(FIFTEEN))
}

export function quantiseBlocks(
  out: usize, scales: usize, sums: usize, x: usize, cols: i32, begin: i32, end: i32,
): void {
  const blocks = (cols + 31) >> 5
  for (let r = begin; r < end; r++) {
    for (let b = 0; b < blocks; b++) {
      const from = x + floats(r * cols + (b << 5))
      const count = cols - (b << 5)
      const rb = r * blocks + b
      let largest = zero()
      for (let i = 0; i < 32; i += 4) largest = f32x4.max(largest, f32x4.abs(load(from + floats(i), count - i)))
      const most = largestLane(largest)
      f32.store(scales + floats(rb), most / 127)
      const factor = f32x4.splat(most > 0 ? 127 / most : 0)
      let sum = zero()
      for (let i = 0; i < 32; i += 8) {
        const low = wholeNear(f32x4.mul(load(from + floats(i), count - i), factor))
        const high = wholeNear(f32x4.mul(load(from + floats(i + 4), count - i - 4), factor))
        sum = i32x4.add(sum, i32x4.add(low, high))
        const words = i16x8.narrow_i32x4_s(low, high)
        v128.store64_lane(out + ((<usize>rb) << 5) + (<usize>i), i8x16.narrow_i16x8_s(words, words), 0)
      }
      const pairs = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1))
      i32.store(sums + floats(rb), i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1))
    }
  }
}

// @ts-ignore: decorator
@inline function largestLane(v: v128): f32 {
  const half = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.max(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2)), 0)
}

export function linearQ4(
  out: usize, q: usize, scale: usize, sum: usize, w: usize, scales: usize, bias: usize, residual: usize, ending: i32,
  k: i32, n: i32, width: i32, rows: i32, begin: i32, end: i32,
): void {
  const blocks = (k + 31) >> 5
  for (let p = begin; p < end; p++) {
    const column = p * width
    const columns = min(width, n - column)
    const panel = w + (<usize>(column * blocks)) * 16
    const factors = scales + ((<usize>(column * blocks)) << 1)
    for (let r = 0; r < rows; r++) {
      const x = q + (<usize>(r * blocks)) * 32
      const to = out + floats(r * n + column)
      for (let c = 0; c < columns; c += 8) {
        const start: usize = bias == 0 ? 0 : bias + floats(column + c)
        const at = floats(c)
        row8(to + at, x, scale + floats(r * blocks), sum + floats(r * blocks), panel + (<usize>(c << 1)), factors + (<usize>(c << 1)), start, blocks, <usize>width, columns - c)
      }
      finish(to, residual == 0 ? 0 : residual + floats(r * n + column), n, 1, columns, ending)
    }
  }
}

/** One row and eight columns. */
function row8(
  out: usize, x: usize, scale: usize, sum: usize, w: usize, scales: usize, bias: usize, blocks: i32, width: usize,
  columns: i32,
): void {
  let low = bias == 0 ? zero() : load(bias, columns)
  let high = bias == 0 ? zero() : load(bias + 16, columns - 4)
  const step = width << 1
  for (; blocks > 0; blocks--) {
    const whole = blockSums(x, w, step, i32.load(sum))
    const s = v128.load32_splat(scale)
    const f = v128.load(scales)
    const first = f32x4.mul(s, i32x4.shl(i32x4.extend_low_i16x8_u(f), 16))
    const second = f32x4.mul(s, v128.and(i32x4.shl(i32x4.extend_high_i16x8_u(f), 16), constant(UPPER_HALF)))
    low = mac(first, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(whole)), low)
    high = mac(second, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(whole)), high)
    x += 32
    w += step << 3
    scale += 4
    sum += 4
    scales += step
  }
  store(out, low, columns)
  store(out + 16, high, columns - 4)
}

/** Sums over a block for eight columns, in 16 bits: they may wrap around on the way, but not in the end. */
// @ts-ignore: decorator
@inline function blockSums(x: usize, w: usize, step: usize, sum: i32): v128 {
  let a = i16x8.splat(<i16>(sum * -8))
  let b = zero()
  for (let j = 0; j < 8; j++) {
    const v = v128.load(w)
    a = i16x8.add(a, products(v128.load16_splat(x), v128.and(v, constant(FOUR_BITS))))
    b = i16x8.add(b, products(v128.load16_splat(x, 16), v128.and(i16x8.shr_u(v, 4), constant(FOUR_BITS))))
    x += 2
    w += step
  }
  return i16x8.add(a, b)
}

/** The sums of two neighbouring products of int8 with 4 bits. */
// @ts-ignore: decorator
@inline function products(x: v128, four: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i16x8.relaxed_dot_i8x16_i7x16_s(x, four)
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), i16x8.extend_low_i8x16_u(four))
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), i16x8.extend_high_i8x16_u(four))
  return i16x8.narrow_i32x4_s(low, high)
}

export function dequantiseQ4(
  out: usize, w: usize, scales: usize, k: i32, width: i32, begin: i32, end: i32,
): void {
  const blocks = (k + 31) >> 5
  const step = (<usize>width) << 1
  for (let p = begin; p < end; p++) {
    for (let b = 0; b < blocks; b++) {
      const pb = (p * blocks + b) * width
      const first = b << 5
      const to = out + floats((p * k + first) * width)
      for (let c = 0; c < width; c += 4) {
        const bits = i32x4.extend_low_i16x8_u(v128.load64_zero(scales + ((<usize>(pb + c)) << 1)))
        const from = w + ((<usize>pb) << 4) + (<usize>(c << 1))
        widenBlock(to + floats(c), from, k - first, floats(width), i32x4.shl(bits, 16), step)
      }
    }
  }
}

/** At most `count` inputs of a block of four outputs: the other way round than quantiseBlock. */
// @ts-ignore: decorator
@inline function widenBlock(out: usize, from: usize, count: i32, row: usize, scale: v128, step: usize): void {
  for (let i = 0; i < 16; i += 2, from += step) {
    const words = i32x4.extend_low_i16x8_u(v128.load64_zero(from))
    for (let j = 0; j < 2; j++) {
      const at = i + j
      const to = out + (<usize>at) * row
      const byte = i32x4.shr_u(words, j << 3)
      if (at < count) v128.store(to, widened(byte, scale))
      if (at + 16 < count) v128.store(to + (row << 4), widened(i32x4.shr_u(byte, 4), scale))
    }
  }
}

/** (the lowest four bits - 8) * scale */
// @ts-ignore: decorator
@inline function widened(bits: v128, scale: v128): v128 {
  const q = i32x4.sub(v128.and(bits, constant(FIFTEEN)), constant(EIGHT))
  return f32x4.mul(f32x4.convert_i32x4_s(q), scale)
}

/** Bytes of n numbers. */
// @ts-ignore: decorator
@inline function floats(n: i32): usize {
  return (<usize>n) << 2
}
