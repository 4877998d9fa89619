// Exponential numbers of rate 1, one after another, in the two ways in which PyTorch has drawn them on a CPU.
import type { CongruentialGenerator } from './congruential.ts'
import type { MersenneTwister } from './mersenneTwister.ts'

export interface ExponentialSource {
  /** The next number; Infinity instead when it is certainly above `limit`, which saves a logarithm. */
  next(limit?: number): number
  /** Uses up `count` numbers without computing them. */
  skip(count: number): void
  /**
   * Uses up a number for each place from `start` on as long as it is quickly seen to be above the place's weight times `limit`.
   * Returns the first place that is left, or `end`.
   */
  skipAbove(weights: Float32Array, limit: number, start: number, end: number): number
}

/** From 2.7 on: -log(1 - u), u even over [0, 1) in steps of 2^-53, two words of the twister each. */
export class TwisterExponential implements ExponentialSource {
  readonly #twister: MersenneTwister

  constructor(twister: MersenneTwister) {
    this.#twister = twister
  }

  next(limit = Infinity): number {
    const u = this.#twister.double()
    // -log(1 - u) is u at least.
    return u > limit ? Infinity : -Math.log1p(-u)
  }

  skip(count: number): void {
    this.#twister.skip(2 * count)
  }

  skipAbove(weights: Float32Array, limit: number, start: number, end: number): number {
    return this.#twister.skipAbove(weights, limit, start, end)
  }
}

/** Until 2.6, by MKL: -log(u) in single precision, and the least normal number, so that none is zero. */
export class CongruentialExponential implements ExponentialSource {
  readonly #numbers: CongruentialGenerator

  constructor(numbers: CongruentialGenerator) {
    this.#numbers = numbers
  }

  next(limit = Infinity): number {
    const u = Math.fround(this.#numbers.uniform())
    // -log(u) is 1 - u at least.
    return 1 - u > limit ? Infinity : Math.fround(-Math.log(u)) + 2 ** -126
  }

  skip(count: number): void {
    this.#numbers.skip(count)
  }

  /** None is seen quickly. */
  skipAbove(_weights: Float32Array, _limit: number, start: number): number {
    return start
  }
}
