// Random numbers from a seed, the same on every machine: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998).

const size = 624
const middle = 397

export class Random {
  readonly #state = new Uint32Array(size)
  #next = size
  /** The second of the two numbers that one Box-Muller step makes. */
  #spare: number | undefined

  /** `seed` is a whole number; its lower 32 bits count. */
  constructor(seed: number) {
    this.#state[0] = seed
    for (let i = 1; i < size; i++) {
      const previous = this.#state[i - 1]!
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#next === size) this.#refill()
    let y = this.#state[this.#next++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  #refill(): void {
    const state = this.#state
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff)
      state[i] = state[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }

  /** Even over [0, 1), in steps of 2^-53. */
  uniform(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller 1958). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/** A seed for callers who gave none. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}
