// Exponential numbers of rate 1, one after another, in the two ways in which PyTorch has drawn them on a CPU.
import type { CongruentialGenerator } from './congruential.ts'
import type { MersenneTwister } from './mersenneTwister.ts'

export interface ExponentialSource {
  next(): number
  /** Uses up `count` numbers without computing them. */
  skip(count: number): void
}

/** From 2.7 on: -log(1 - u), u even over [0, 1) in steps of 2^-53, two words of the twister each. */
export class TwisterExponential implements ExponentialSource {
  readonly #twister: MersenneTwister

  constructor(twister: MersenneTwister) {
    this.#twister = twister
  }

  next(): number {
    return -Math.log1p(-this.#twister.double())
  }

  skip(count: number): void {
    this.#twister.skip(2 * count)
  }
}

/** Until 2.6, by MKL: -log(u) in single precision, and the least normal number, so that none is zero. */
export class CongruentialExponential implements ExponentialSource {
  readonly #numbers: CongruentialGenerator

  constructor(numbers: CongruentialGenerator) {
    this.#numbers = numbers
  }

  next(): number {
    return Math.fround(-Math.log(Math.fround(this.#numbers.uniform()))) + 2 ** -126
  }

  skip(count: number): void {
    this.#numbers.skip(count)
  }
}
