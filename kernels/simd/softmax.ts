// Softmax and its logarithm along rows: see kernels/softmax.ts.
import { expOf } from './functions'
import { loadPart, storePart, sum4, zero } from './vector'

/** The largest number of a row; of a row with NaN any number, the NaN shows in the sum. */
// @ts-ignore: decorator
@inline
function largest(x: usize, cols: i32): f32 {
  let m = f32x4.splat(-Infinity)
  let i = 0
  for (; i + 4 <= cols; i += 4) m = f32x4.pmax(m, v128.load(x + (i << 2)))
  let best = max<f32>(
    max<f32>(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)),
    max<f32>(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)),
  )
  for (; i < cols; i++) best = max<f32>(best, load<f32>(x + (i << 2)))
  return best
}

/** One row: the code that attention shares. out may be x. */
// @ts-ignore: decorator
@inline
export function softmaxRow(out: usize, x: usize, cols: i32): void {
  const shift = f32x4.splat(largest(x, cols))
  const whole = cols & ~3
  const rest = cols - whole
  let a = zero()
  for (let i = 0; i < whole; i += 4) {
    const e = expOf(f32x4.sub(v128.load(x + (i << 2)), shift))
    v128.store(out + (i << 2), e)
    a = f32x4.add(a, e)
  }
  let total = sum4(a)
  if (rest) {
    const e = expOf(f32x4.sub(loadPart(x + (whole << 2), rest), shift))
    storePart(out + (whole << 2), e, rest)
    total += f32x4.extract_lane(e, 0)
    if (rest > 1) total += f32x4.extract_lane(e, 1)
    if (rest > 2) total += f32x4.extract_lane(e, 2)
  }
  const divisor = f32x4.splat(total)
  for (let i = 0; i < whole; i += 4) v128.store(out + (i << 2), f32x4.div(v128.load(out + (i << 2)), divisor))
  if (rest) storePart(out + (whole << 2), f32x4.div(loadPart(out + (whole << 2), rest), divisor), rest)
}

export function softmax(out: usize, x: usize, cols: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) softmaxRow(out + (r * cols << 2), x + (r * cols << 2), cols)
}

export function logSoftmax(out: usize, x: usize, cols: i32, begin: i32, end: i32): void {
  const whole = cols & ~3
  const rest = cols - whole
  for (let r = begin; r < end; r++) {
    const from = x + (r * cols << 2)
    const to = out + (r * cols << 2)
    const shift = f32x4.splat(largest(from, cols))
    let total: f64 = 0
    for (let i = 0; i < whole; i += 4) total += <f64>sum4(expOf(f32x4.sub(v128.load(from + (i << 2)), shift)))
    for (let i = whole; i < cols; i++) {
      total += <f64>f32x4.extract_lane(expOf(f32x4.sub(v128.load32_splat(from + (i << 2)), shift)), 0)
    }
    const logTotal = f32x4.splat(<f32>Math.log(total))
    for (let i = 0; i < whole; i += 4) {
      v128.store(to + (i << 2), f32x4.sub(f32x4.sub(v128.load(from + (i << 2)), shift), logTotal))
    }
    if (rest) {
      const v = f32x4.sub(f32x4.sub(loadPart(from + (whole << 2), rest), shift), logTotal)
      storePart(to + (whole << 2), v, rest)
    }
  }
}
