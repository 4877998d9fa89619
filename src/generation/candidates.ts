// The tokens that a draw still has to choose from. A vocabulary has tens of thousands, what warpers leave of it often
// fifty: they work on these alone.
import { logSoftmaxOf, softmaxOf } from './scores.ts'
import { kthLargest, placesOfBest } from './selection.ts'

export class Candidates {
  /** How many there are. */
  count = 0
  #scores: Float32Array
  /** What the scores are still to be divided by: where few stay, few divisions will do. */
  #divisor = 1
  readonly #kept: Float32Array
  readonly #tokens: Int32Array
  readonly #scratch: Float32Array
  #isWhole = true

  /** Room for a vocabulary of `size` tokens. */
  constructor(size: number) {
    this.#kept = new Float32Array(size)
    this.#tokens = new Int32Array(size)
    this.#scratch = new Float32Array(size)
    this.#scores = this.#kept
  }

  /** Begins with all tokens of a row of scores, which stays as it is until `scores` is written to. */
  load(row: Float32Array): void {
    this.#scores = row
    this.#divisor = 1
    this.count = row.length
    this.#isWhole = true
  }

  /** Their scores: the first `count` ones. */
  get scores(): Float32Array {
    if (this.#divisor !== 1) {
      for (let i = 0; i < this.count; i++) this.#scores[i]! /= this.#divisor
      this.#divisor = 1
    }
    return this.#scores
  }

  /** Divides all scores. */
  divide(divisor: number): void {
    if (this.#divisor !== 1) void this.scores
    this.#divisor = divisor
  }

  /** The token of the i-th candidate; tokens go up. */
  token(i: number): number {
    return this.#isWhole ? i : this.#tokens[i]!
  }

  /** Their probabilities; the next call overwrites them. */
  probabilities(): Float32Array {
    return softmaxOf(this.scores, this.#scratch, this.count)
  }

  /** Logarithms of their probabilities; the next call overwrites them. */
  logProbabilities(): Float32Array {
    return logSoftmaxOf(this.scores, this.#scratch, this.count)
  }

  /** Keeps those whose value is at least `bar`. */
  keepFrom(bar: number, values: Float32Array = this.scores): void {
    const { scores, count } = this
    const [kept, tokens] = [this.#kept, this.#tokens]
    let n = 0
    for (let i = 0; i < count; i++) {
      if (values[i]! < bar) continue
      kept[n] = scores[i]!
      tokens[n++] = this.token(i)
    }
    if (n === count && this.#isWhole) return
    this.#cutTo(n)
  }

  /** Keeps those at the given places, which go up. */
  keep(places: Int32Array): void {
    if (places.length === this.count) return
    for (const [n, place] of places.entries()) {
      this.#kept[n] = this.#scores[place]!
      this.#tokens[n] = this.token(place)
    }
    this.#cutTo(places.length)
  }

  /** Keeps the k best, and those that equal the last of them. */
  keepBest(k: number): void {
    if (k >= this.count) return
    const isDivided = this.#divisor !== 1
    // A quotient rounds, so that scores which differ by a step or two may become equal.
    this.keep(placesOfBest(this.#scores, k, this.count, isDivided ? 2 ** -22 : 0))
    if (isDivided && this.count > k) this.keepFrom(kthLargest(this.scores, k, this.count))
  }

  #cutTo(n: number): void {
    this.#scores = this.#kept
    this.count = n
    this.#isWhole = false
  }

  /** Writes the scores into a row of the vocabulary in which all other tokens get the score `others`. */
  writeTo(row: Float32Array, others = -Infinity): void {
    if (this.#isWhole) {
      const { scores } = this
      if (row !== scores) row.set(scores.subarray(0, this.count))
      return
    }
    const { scores } = this
    row.fill(others)
    for (let i = 0; i < this.count; i++) row[this.#tokens[i]!] = scores[i]!
  }

  /** Takes the scores out of a row of the vocabulary. */
  readFrom(row: Float32Array): void {
    for (let i = 0; i < this.count; i++) this.scores[i] = row[this.token(i)]!
  }

  /** Writes the probabilities into a row of the vocabulary; other tokens have 0. */
  writeProbabilities(row: Float32Array): void {
    if (this.#isWhole) {
      softmaxOf(this.scores, row, this.count)
      return
    }
    row.fill(0)
    const probs = this.probabilities()
    for (let i = 0; i < this.count; i++) row[this.#tokens[i]!] = probs[i]!
  }

  /** What a draw needs: their tokens, undefined when they are all, and their probabilities; good until the next call. */
  weights(): { places: Int32Array | undefined; weights: Float32Array; count: number } {
    return { places: this.#isWhole ? undefined : this.#tokens, weights: this.probabilities(), count: this.count }
  }
}
