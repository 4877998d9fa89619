// Weights and activations as whole numbers and their product, the fast twin of kernels/int8.ts. `width` is 8 or 16 here; `group` is 2,
// or 4 where four inputs are multiplied at a time.
import { finish } from './ending'
import { Fours, int8Row16, int8Row8, int8Tile4x16, int8Tile4x8, int8Tile6x16, Pairs, Products } from './int8Tile'
import { constant, load, store, zero } from './vector'

/** Bytes of activations that are multiplied with all panels before the next rows come. */
const BLOCK: i32 = 640 << 10
/** Rows whose sums are kept before they are scaled: a multiple of 4 and 6. */
const ROWS: i32 = 48

const ROUNDING = memory.data<f32>([12582912])
const SEVEN_BITS = memory.data<i32>([127])
const LOW_BYTE = memory.data<i32>([0xff])

export function linearInt8(
  out: usize, q: usize, scale: usize, zeros: usize, w: usize, scales: usize, sums: usize, bias: usize, residual: usize,
  ending: i32, k: i32, n: i32, width: i32, group: i32, rows: i32, scratch: usize, begin: i32, end: i32,
): void {
  const inputs = (k + 3) & ~3
  // Two bytes an input, in any case.
  const xStep = (<usize>inputs) << 1
  const most = max(ROWS, <i32>((<usize>BLOCK) / max<usize>(xStep, 1)) / ROWS * ROWS)
  for (let first = 0; first < rows; first += most) {
    const last = min(first + most, rows)
    for (let p = begin; p < end; p++) {
      const column = p * width
      const columns = min(width, n - column)
      const panel = w + (<usize>column) * (<usize>inputs)
      for (let r = first; r < last; r += ROWS) {
        const count = min(ROWS, last - r)
        const x = q + (<usize>r) * xStep
        if (group == 2) sumsOf<Pairs>(scratch, x, panel, inputs >> 1, xStep, count, width)
        else {
          sumsOf<Fours>(scratch, x, panel, inputs >> 2, inputs, count << 1, width)
          joinHalves(scratch, count, width)
        }
        const to = out + floats(r * n + column)
        const offset = floats(column)
        const start: usize = bias == 0 ? 0 : bias + offset
        scaleSums(to, scratch, scale + floats(r), zeros + floats(r), scales + offset, sums + offset, start, n, width, count, columns)
        finish(to, residual == 0 ? 0 : residual + floats(r * n + column), n, count, columns, ending)
      }
    }
  }
}

/** The sums of `rows` rows and one panel, `width` numbers apart. */
// @ts-ignore: decorator
@inline function sumsOf<P extends Products>(
  out: usize, x: usize, w: usize, steps: i32, xStep: usize, rows: i32, width: i32,
): void {
  const step = changetype<P>(0).step()
  const outStep = floats(width)
  if (rows < 4) {
    for (; rows > 0; rows--, out += outStep, x += xStep) {
      if (width == 16) int8Row16<P>(out, x, w, steps)
      else int8Row8<P>(out, x, w, steps, step * 2)
    }
    return
  }
  if (width == 16) {
    let r = 0
    if (step == 16) {
      for (; rows - r > 8 || rows - r == 6; r += 6) {
        int8Tile6x16<P>(out + (<usize>r) * outStep, x + (<usize>r) * xStep, w, steps, outStep, xStep)
      }
    }
    for (; r < rows; r += 4) {
      const at = <usize>min(r, rows - 4)
      int8Tile4x16<P>(out + at * outStep, x + at * xStep, w, steps, outStep, xStep)
    }
    return
  }
  for (let r = 0; r < rows; r += 4) {
    const at = <usize>min(r, rows - 4)
    int8Tile4x8<P>(out + at * outStep, x + at * xStep, w, steps, outStep, xStep, step * 2)
  }
}

/** Sums of the upper bits and of the lower seven, row after row, become those of both. */
// @ts-ignore: decorator
@inline function joinHalves(raw: usize, rows: i32, width: i32): void {
  const step = floats(width)
  for (let r = 0, from = raw; r < rows; r++, from += step << 1) {
    const to = raw + (<usize>r) * step
    for (let c: usize = 0; c < step; c += 16) {
      v128.store(to + c, i32x4.add(i32x4.shl(v128.load(from + c), 7), v128.load(from + step + c)))
    }
  }
}

/** out = scale * scales * (sum - zero * sums) + bias. */
function scaleSums(
  out: usize, raw: usize, scale: usize, zeros: usize, scales: usize, sums: usize, bias: usize, n: i32, width: i32,
  rows: i32, columns: i32,
): void {
  for (; rows > 0; rows--, out += floats(n), raw += floats(width), scale += 4, zeros += 4) {
    const s = v128.load32_splat(scale)
    const z = v128.load32_splat(zeros)
    for (let c = 0; c < columns; c += 4) {
      const at = floats(c)
      const sum = i32x4.sub(v128.load(raw + at), i32x4.mul(z, v128.load(sums + at)))
      let value = f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(s, v128.load(scales + at)))
      if (bias != 0) value = f32x4.add(value, load(bias + at, columns - c))
      store(out + at, value, columns - c)
    }
  }
}

export function quantiseRows(
  out: usize, scales: usize, zeros: usize, x: usize, cols: i32, levels: i32, group: i32, begin: i32, end: i32,
): void {
  const places = <usize>((cols + 3) & ~3)
  const most = i32x4.splat(levels)
  for (let r = begin; r < end; r++) {
    const row = x + floats(r * cols)
    let low = zero()
    let high = zero()
    for (let c = 0; c < cols; c += 4) {
      const v = load(row + floats(c), cols - c)
      low = f32x4.min(low, v)
      high = f32x4.max(high, v)
    }
    const least = smallest(low)
    const range = -smallest(f32x4.neg(high)) - least
    const inverse: f32 = range > 0 ? <f32>levels / range : 0
    const shift = f32x4.sub(f32x4.add(f32x4.splat(-least * inverse), constant(ROUNDING)), constant(ROUNDING))
    const whole = i32x4.trunc_sat_f32x4_s(shift)
    f32.store(scales + floats(r), range / <f32>levels)
    i32.store(zeros + floats(r), i32x4.extract_lane(whole, 0))
    const factor = f32x4.splat(inverse)
    let to = out + (((<usize>r) * places) << 1)
    for (let c = 0; c < <i32>places; c += 4) {
      const q = i32x4.add(wholeNear(f32x4.mul(load(row + floats(c), cols - c), factor)), whole)
      const kept = v128.and(i32x4.min_s(i32x4.max_s(q, zero()), most), lanesOf(cols - c))
      if (group == 2) {
        v128.store64_lane(to, i16x8.narrow_i32x4_u(kept, kept), 0)
        to += 8
      } else {
        const halves = i16x8.narrow_i32x4_u(i32x4.shr_u(kept, 7), v128.and(kept, constant(SEVEN_BITS)))
        const bytes = i8x16.narrow_i16x8_u(halves, halves)
        v128.store32_lane(to, bytes, 0)
        v128.store32_lane(to + places, bytes, 1)
        to += 4
      }
    }
  }
}

/** All bits set in the first `count` lanes. */
// @ts-ignore: decorator
@inline function lanesOf(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3))
}

/** The whole numbers next to x, ties to even, for x of less than 2^22: they stand in the low bits after the addition. */
// @ts-ignore: decorator
@inline export function wholeNear(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, constant(ROUNDING)), constant(ROUNDING))
}

// @ts-ignore: decorator
@inline function smallest(v: v128): f32 {
  const half = f32x4.min(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.min(half, v128.shuffle<f32>(half, half, 1, 0, 3, 2)), 0)
}

export function quantiseInt8(
  out: usize, scales: usize, sums: usize, panels: usize, k: i32, width: i32, group: i32, begin: i32, end: i32,
): void {
  const inputs = (k + 3) & ~3
  const row = floats(width)
  for (let p = begin; p < end; p++) {
    for (let c = 0; c < width; c += 4) {
      const from = panels + floats(p * k * width + c)
      let largest = zero()
      for (let i = 0, at = from; i < k; i++, at += row) largest = f32x4.max(largest, f32x4.abs(v128.load(at)))
      const isZero = f32x4.eq(largest, zero())
      const inverse = v128.andnot(f32x4.div(f32x4.splat(127), largest), isZero)
      v128.store(scales + floats(p * width + c), f32x4.div(largest, f32x4.splat(127)))
      let sum = zero()
      let to = out + (<usize>(p * width)) * (<usize>inputs) + (<usize>(c * group))
      for (let i = 0; i < inputs; i += group, to += (<usize>(width * group))) {
        let bytes = zero()
        for (let j = 0; j < group; j++) {
          const v = i + j < k ? v128.load(from + (<usize>(i + j)) * row) : zero()
          const q = wholeNear(f32x4.mul(v, inverse))
          sum = i32x4.add(sum, q)
          bytes = v128.or(bytes, i32x4.shl(v128.and(q, constant(LOW_BYTE)), j << 3))
        }
        if (group == 4) v128.store(to, bytes)
        else v128.store64_lane(to, i16x8.narrow_i32x4_u(bytes, bytes), 0)
      }
      v128.store(sums + floats(p * width + c), sum)
    }
  }
}

export function dequantiseInt8(
  out: usize, w: usize, scales: usize, k: i32, width: i32, group: i32, begin: i32, end: i32,
): void {
  const inputs = (k + 3) & ~3
  const row = floats(width)
  const step = <usize>(width * group)
  for (let p = begin; p < end; p++) {
    for (let c = 0; c < width; c += 4) {
      const scale = v128.load(scales + floats(p * width + c))
      let from = w + (<usize>(p * width)) * (<usize>inputs) + (<usize>(c * group))
      let to = out + floats(p * k * width + c)
      for (let i = 0; i < k; i += group, from += step) {
        const bytes = group == 4 ? v128.load(from) : i32x4.extend_low_i16x8_u(v128.load64_zero(from))
        const count = min(group, k - i)
        for (let j = 0; j < count; j++, to += row) {
          const q = i32x4.shr_s(i32x4.shl(bytes, 24 - (j << 3)), 24)
          v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(q), scale))
        }
      }
    }
  }
}

/** Bytes of n numbers. */
// @ts-ignore: decorator
@inline function floats(n: i32): usize {
  return (<usize>n) << 2
}
