// The multiplicative congruential generator MCG31m1 (L'Ecuyer 1999), as Intel's MKL has it.

const modulus = 2 ** 31 - 1
const multiplier = 1132489760

export class CongruentialGenerator {
  #x: number

  /** `seed` is a whole number from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#x = seed % modulus || 1
  }

  /** Even over (0, 1), in steps of 1 / (2^31 - 1). */
  uniform(): number {
    const u = this.#x / modulus
    this.skip(1)
    return u
  }

  /** Uses up `count` numbers. */
  skip(count: number): void {
    let x = this.#x
    for (let i = 0; i < count; i++) {
      // By halves of x, so that no product exceeds 2^53.
      const high = (multiplier * (x >>> 16)) % modulus
      x = (high * 2 ** 16 + multiplier * (x & 0xffff)) % modulus
    }
    this.#x = x
  }
}
