// Drawing places by their weights, row by row, as torch.multinomial does (aten/src/ATen/native/Distributions.cpp).
import { InputError } from '../errors.ts'
import type { ExponentialSource } from './exponential.ts'
import type { MersenneTwister } from './mersenneTwister.ts'

/**
 * `count` different places of a row each: the largest of weight / exponential number, largest first; `weights` (rows, width)
 * -> (rows, count). Equal ones (only places of weight 0 are) come in their order.
 */
export function drawDistinct(
  weights: Float32Array,
  width: number,
  count: number,
  draws: ExponentialSource,
): Int32Array {
  const rows = weights.length / width
  const places = new Int32Array(rows * count)
  const ratios = new Float32Array(count)
  for (let row = 0; row < rows; row++) {
    const found = places.subarray(row * count, (row + 1) * count)
    const start = row * width
    ratios.fill(-1)
    for (let i = 0; i < width; ) {
      const weight = weights[start + i]!
      if (weight === 0) {
        const end = endOfZeros(weights, start + i, start + width) - start
        draws.skip(end - i)
        for (let place = i; place < end && ratios[count - 1]! < 0; place++) insert(ratios, found, 0, place)
        i = end
        continue
      }
      const least = ratios[count - 1]!
      const ratio = Math.fround(weight / Math.fround(draws.next(weight * limitFor(least))))
      if (ratio > least) insert(ratios, found, ratio, i)
      i++
    }
  }
  return places
}

/** The first place from `start` on whose weight is not 0, or `end`. */
function endOfZeros(weights: Float32Array, start: number, end: number): number {
  let i = start
  while (i < end && weights[i] === 0) i++
  return i
}

/** Some places of a row whose others have the weight 0. */
export interface FewWeights {
  /** The places, which rise; 0, 1, 2, ... when undefined. */
  readonly places: Int32Array | undefined
  /** Their weights: the first `count`, none below 0, not all 0. */
  readonly weights: Float32Array
  readonly count: number
  /** Places of the row. */
  readonly width: number
}

/** One place, the same that drawDistinct finds in the whole row. */
export function drawAmong({ places, weights, count, width }: FewWeights, draws: ExponentialSource): number {
  let best = 0
  let limit = limitFor(best)
  let found = 0
  let next = 0
  for (let i = 0; i < count; i++) {
    draws.skip((places ? places[i]! : i) - next)
    if (!places) i = draws.skipAbove(weights, limit, i, count)
    const place = places ? places[i]! : i
    next = place
    if (i === count) break
    const weight = weights[i]!
    if (weight === 0) continue
    next++
    const drawn = draws.next(weight * limit)
    if (drawn === Infinity) continue
    const ratio = Math.fround(weight / Math.fround(drawn))
    if (ratio <= best) continue
    best = ratio
    limit = limitFor(best)
    found = place
  }
  draws.skip(width - next)
  return found
}

/**
 * An exponential number above this, times the weight, makes a ratio below `least`; the margin is far larger than what
 * rounding changes.
 */
function limitFor(least: number): number {
  return least > 0 ? 1.00001 / least : Infinity
}

/** Puts a place among those found so far, whose ratios fall; the last one drops out. */
function insert(ratios: Float32Array, places: Int32Array, ratio: number, place: number): void {
  let i = ratios.length - 1
  for (; i > 0 && ratio > ratios[i - 1]!; i--) {
    ratios[i] = ratios[i - 1]!
    places[i] = places[i - 1]!
  }
  ratios[i] = ratio
  places[i] = place
}

/** `count` places of a row each, any of them several times: an even number is looked up in the running sums. */
export function drawRepeatedly(
  weights: Float32Array,
  width: number,
  count: number,
  twister: MersenneTwister,
): Int32Array {
  const rows = weights.length / width
  const places = new Int32Array(rows * count)
  const sums = new Float32Array(width)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = 0; i < width; i++) sums[i] = sum = Math.fround(sum + weights[row * width + i]!)
    for (let i = 0; i < width; i++) sums[i]! /= sum
    sums[width - 1] = 1
    for (let i = 0; i < count; i++) places[row * count + i] = firstFrom(sums, twister.double())
  }
  return places
}

/** The first place whose sum is not below `value`; sums rise to 1. */
function firstFrom(sums: Float32Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Throws InputError MULTINOMIAL. */
export function checkWeights(weights: Float32Array, width: number): void {
  if (width === 0 || !Number.isInteger(width)) {
    throw fault(`${weights.length} weights are no rows of ${width} places`)
  }
  for (let begin = 0; begin < weights.length; begin += width) {
    let isZero = true
    for (let i = begin; i < begin + width; i++) {
      const weight = weights[i]!
      if (weight === 0) continue
      isZero = false
      if (weight > 0 && weight < Infinity) continue
      throw fault(`place ${i - begin} of row ${begin / width} has the weight ${weight}`)
    }
    if (isZero) throw fault(`all weights of row ${begin / width} are zero`)
  }
}

/** Throws InputError MULTINOMIAL. */
export function checkSamples(count: number, width: number, replacement: boolean): void {
  if (!Number.isInteger(count) || count < 1) throw fault(`num_samples must be a whole number from 1 on, got ${count}`)
  if (!replacement && count > width) throw fault(`${count} samples without replacement from ${width} places`)
}

function fault(message: string): InputError {
  return new InputError('MULTINOMIAL', `multinomial: ${message}`)
}
