// Softmax and its logarithm along rows, the fast twin of kernels/softmax.ts.
import { vanishingPower } from './exponential'
import { logarithm } from './math'
import { constant, lanesBelow, load, promoteHigh, store, zero } from './vector'

const MINUS_INFINITY = memory.data<u32>([0xff800000])

/** Relative error at most 1e-6. */
export function softmax(out: usize, x: usize, cols: i32, begin: i32, end: i32): void {
  const row = (<usize>cols) << 2
  for (let r = begin; r < end; r++) {
    const at = x + (<usize>r) * row
    softmaxOfRow(out + (<usize>r) * row, at, cols, largest(at, cols))
  }
}

export function logSoftmax(out: usize, x: usize, cols: i32, begin: i32, end: i32): void {
  const row = (<usize>cols) << 2
  for (let r = begin; r < end; r++) {
    const at = x + (<usize>r) * row
    logSoftmaxOfRow(out + (<usize>r) * row, at, cols, largest(at, cols))
  }
}

/** The largest of `cols` numbers, -Infinity when there are none. NaN may be passed over: the sum shows it. */
export function largest(x: usize, cols: i32): f32 {
  let a = constant(MINUS_INFINITY)
  let b = a
  let count = cols
  for (; count >= 8; count -= 8, x += 32) {
    a = f32x4.pmax(a, v128.load(x))
    b = f32x4.pmax(b, v128.load(x, 16))
  }
  for (; count > 0; count -= 4, x += 16) a = f32x4.pmax(a, padded(x, count))
  a = f32x4.pmax(a, b)
  a = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.pmax(a, v128.shuffle<f32>(a, a, 1, 0, 3, 2)), 0)
}

/** One row, given its largest number. Numbers at the end that lie more than 104 below it may be left away: they count 0. */
export function softmaxOfRow(out: usize, x: usize, cols: i32, max: f32): void {
  const m = f32x4.splat(max)
  let total = f64x2.splat(0)
  let to = out
  let count = cols
  while (count >= 8) {
    // Some dozens of numbers add up well in float32; the sums of those need more digits.
    let low = zero()
    let high = zero()
    for (const rest = count > 64 ? count - 64 : 0; count >= 8 && count > rest; count -= 8, x += 32, to += 32) {
      const first = powerOfDifference(v128.load(x), m)
      const second = powerOfDifference(v128.load(x, 16), m)
      v128.store(to, first)
      v128.store(to, second, 16)
      low = f32x4.add(low, first)
      high = f32x4.add(high, second)
    }
    total = addAll(total, f32x4.add(low, high))
  }
  if (count > 0) {
    const first = powerOfDifference(padded(x, count), m)
    const second = powerOfDifference(padded(x + 16, count - 4), m)
    store(to, first, count)
    if (count > 4) store(to + 16, second, count - 4)
    total = addAll(total, f32x4.add(first, second))
  }
  const share = f32x4.splat(<f32>(1 / (f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1))))
  for (count = cols; count >= 8; count -= 8, out += 32) {
    const first = f32x4.mul(v128.load(out), share)
    const second = f32x4.mul(v128.load(out, 16), share)
    v128.store(out, first)
    v128.store(out, second, 16)
  }
  for (; count > 0; count -= 4, out += 16) store(out, f32x4.mul(load(out, count), share), count)
}

function logSoftmaxOfRow(out: usize, x: usize, cols: i32, max: f32): void {
  const m = f32x4.splat(max)
  let total = f64x2.splat(0)
  let at = x
  for (let count = cols; count > 0; count -= 4, at += 16) total = addAll(total, powerOfDifference(padded(at, count), m))
  const sum = <f32>(f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1))
  const logSum = logarithm(f32x4.splat(sum))
  for (let count = cols; count > 0; count -= 4, out += 16, x += 16) {
    store(out, f32x4.sub(f32x4.sub(load(x, count), m), logSum), count)
  }
}

/** e^(x - max), with what the subtraction rounds away. */
// @ts-ignore: decorator
@inline function powerOfDifference(x: v128, max: v128): v128 {
  const difference = f32x4.sub(x, max)
  const back = f32x4.sub(difference, x)
  const lost = f32x4.sub(f32x4.sub(x, f32x4.sub(difference, back)), f32x4.add(max, back))
  return vanishingPower(difference, lost)
}

/** Up to four numbers, with -Infinity behind them. */
// @ts-ignore: decorator
@inline function padded(at: usize, count: i32): v128 {
  return v128.bitselect(load(at, count), constant(MINUS_INFINITY), lanesBelow(count))
}

/** Adds four numbers to a sum of two float64 lanes. */
// @ts-ignore: decorator
@inline function addAll(total: v128, v: v128): v128 {
  return f64x2.add(f64x2.add(total, f64x2.promote_low_f32x4(v)), promoteHigh(v))
}
