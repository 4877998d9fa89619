// Finding the largest numbers without sorting agrees with sorting, and the warpers' sets with their definitions.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Candidates } from '../../src/generation/candidates.ts'
import { logSoftmaxOf, softmaxOf } from '../../src/generation/scores.ts'
import { kthLargest, massBar, placesOfBest } from '../../src/generation/selection.ts'
import { MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper } from '../../src/index.ts'

const runs = { seed: 20261124, numRuns: 400 }
/** Few different numbers, so that there are equal ones, among them -Infinity. */
const number = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.float({ noNaN: true, min: -30, max: 30 }),
  fc.constant(-Infinity),
)
const numbers = fc.array(number, { minLength: 1, maxLength: 130 }).map(list => Float32Array.from(list))

test('the k-th largest', () => {
  fc.assert(
    fc.property(numbers, fc.nat(), (values, n) => {
      const k = (n % values.length) + 1
      const before = values.slice()
      expect(kthLargest(values, k)).toBe(values.toSorted()[values.length - k])
      expect(values).toEqual(before)
    }),
    runs,
  )
})

test('the k-th largest of many, for small k', () => {
  const values = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i) * 100)
  for (const k of [1, 2, 7, 50, 400, 2499, 2500, 19_999]) {
    expect(kthLargest(values, k)).toBe(values.toSorted()[values.length - k])
  }
  expect(kthLargest(new Float32Array(5000).fill(3), 50)).toBe(3)
})

test('the places of the k largest, and of what equals the last of them', () => {
  fc.assert(
    fc.property(numbers, fc.nat(), (values, n) => {
      const k = (n % values.length) + 1
      const bar = values.toSorted()[values.length - k]!
      const wanted = Array.from(values.keys()).filter(place => values[place]! >= bar)
      expect(Array.from(placesOfBest(values, k, values.length))).toEqual(wanted)
    }),
    runs,
  )
  const many = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i) * 100)
  for (const k of [1, 50, 3000]) {
    const bar = many.toSorted()[many.length - k]!
    expect(placesOfBest(many, k, many.length)).toEqual(Int32Array.from(many.keys()).filter(i => many[i]! >= bar))
  }
  expect(placesOfBest(new Float32Array(5000).fill(3), 50, 5000)).toHaveLength(5000)
})

test('where the running sum of a mass stops to fit', () => {
  const positive = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.float({ min: 0, noNaN: true }), fc.constant(Infinity)),
    { minLength: 1, maxLength: 130 },
  )
  fc.assert(
    fc.property(positive, fc.float({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const keys = Float32Array.from(list)
      // Eighths sum exactly in any order.
      const mass = keys.map((_, i) => ((i * 7) % 5) / 8)
      const most = share * mass.reduce((a, b) => a + b, 0)
      let [bar, below] = [Infinity, 0]
      for (const key of [...new Set(keys)].sort((a, b) => a - b)) {
        const own = keys.reduce((sum, other, i) => sum + (other === key ? mass[i]! : 0), 0)
        if (below + own > most) {
          bar = key
          break
        }
        below += own
      }
      expect(massBar(keys, mass, keys.length, total => total <= most)).toEqual({ bar, below })
    }),
    runs,
  )
})

/** The tokens that a warper leaves. */
function left(warper: { warp(candidates: Candidates): void }, scores: Float32Array): number[] {
  const candidates = new Candidates(scores.length)
  candidates.load(scores)
  warper.warp(candidates)
  return Array.from({ length: candidates.count }, (_, i) => candidates.token(i))
}

test('top-k leaves k tokens and those that equal the last', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 140 }), (scores, k) => {
      const bar = scores.toSorted().at(-Math.min(k, scores.length))!
      const wanted = Array.from(scores.keys()).filter(token => scores[token]! >= bar)
      expect(left(new TopKLogitsWarper(k), scores)).toEqual(wanted)
    }),
    runs,
  )
})

test('top-k after a temperature is top-k of the quotients', () => {
  const near = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(
      near,
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0.1, max: 4, noNaN: true }),
      (steps, k, temperature) => {
        // Numbers a float32 step apart: many quotients are equal.
        const scores = Float32Array.from(steps, step => 1 + step * 2 ** -23)
        const quotients = scores.map(score => score / temperature)
        const bar = quotients.toSorted().at(-Math.min(k, scores.length))!
        const warpers = [new TemperatureLogitsWarper(temperature), new TopKLogitsWarper(k)]
        const candidates = new Candidates(scores.length)
        candidates.load(scores)
        for (const warper of warpers) warper.warp(candidates)
        const kept = Array.from({ length: candidates.count }, (_, i) => [candidates.token(i), candidates.scores[i]])
        const wanted = Array.from(quotients.entries()).filter(([, quotient]) => quotient >= bar)
        expect(kept).toEqual(wanted)
      },
    ),
    runs,
  )
})

const finite = numbers.map(list => list.map(x => (x === -Infinity ? -40 : x)))

test('top-p leaves the fewest of the likeliest tokens that sum to p', () => {
  fc.assert(
    fc.property(finite, fc.float({ min: 0, max: Math.fround(0.999), noNaN: true }), (scores, p) => {
      const probs = softmaxOf(scores)
      const kept = left(new TopPLogitsWarper(p), scores)
      const mass = kept.reduce((sum, token) => sum + probs[token]!, 0)
      const least = Math.min(...kept.map(token => probs[token]!))
      expect(mass).toBeGreaterThanOrEqual(p - 1e-5)
      if (kept.length > 1) expect(mass - least).toBeLessThanOrEqual(p + 1e-5)
      const others = Array.from(probs.keys()).filter(token => !kept.includes(token))
      for (const token of others) expect(probs[token]!).toBeLessThanOrEqual(least)
    }),
    runs,
  )
})

test('warpers keep as many tokens as they are told to', () => {
  fc.assert(
    fc.property(finite, fc.integer({ min: 1, max: 9 }), (scores, min_tokens_to_keep) => {
      const least = Math.min(min_tokens_to_keep, scores.length)
      const best = Array.from(scores.keys())
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, least)
      for (const warper of [
        new TopPLogitsWarper(0, { min_tokens_to_keep }),
        new MinPLogitsWarper(1, { min_tokens_to_keep }),
      ]) {
        const kept = left(warper, scores)
        expect(best.every(token => kept.includes(token))).toBe(true)
      }
    }),
    runs,
  )
})

test('softmax and its logarithm are as exact as float32 can be', () => {
  fc.assert(
    fc.property(finite, scores => {
      const max = Math.max(...scores)
      const exact = Array.from(scores, score => Math.exp(score - max))
      const sum = exact.reduce((a, b) => a + b, 0)
      const logs = logSoftmaxOf(scores)
      for (const [i, p] of softmaxOf(scores).entries()) {
        expect(Math.abs(p - exact[i]! / sum)).toBeLessThanOrEqual(1.2e-7 * (exact[i]! / sum) + 1e-44)
        expect(Math.abs(logs[i]! - (scores[i]! - max - Math.log(sum)))).toBeLessThanOrEqual(
          1e-6 * Math.max(1, -logs[i]!),
        )
      }
    }),
    runs,
  )
})
