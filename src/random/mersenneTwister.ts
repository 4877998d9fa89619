// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998): 32 random bits at a time, the same on every machine.

/** How many words one block of the state has. */
export const blockSize = 624
const middle = 397

export interface TwisterState {
  /** The block. */
  readonly words: Uint32Array
  /** The place of the next word. */
  readonly next: number
  /** Draws until the block has been used up, the one that makes a new block counted: 1 to 624. */
  readonly left: number
}

export class MersenneTwister {
  /** The words with their signs: whole numbers of 32 bits are the quickest. */
  readonly #state = new Int32Array(blockSize)
  #next = 0
  #left = 1

  /** The lower 32 bits of `seed` count. */
  constructor(seed: number) {
    const state = this.#state
    state[0] = (seed % 2 ** 32) | 0
    for (let i = 1; i < blockSize; i++) {
      const previous = state[i - 1]!
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#left === 1) this.#twist()
    this.#left--
    return tempered(this.#state[this.#next++]!) >>> 0
  }

  /** Even over [0, 1), in steps of 2^-53; takes two words. */
  double(): number {
    if (this.#left < 3) return evenNumber(this.uint32(), this.uint32())
    const [state, next] = [this.#state, this.#next]
    this.#left -= 2
    this.#next += 2
    return evenNumber(tempered(state[next]!), tempered(state[next + 1]!))
  }

  /**
   * Draws a double for each place from `start` on while it is certainly above the place's weight times `limit`, which its first word
   * tells. Returns the first place that is left, undrawn, or `end`.
   */
  skipAbove(weights: Float32Array, limit: number, start: number, end: number): number {
    const state = this.#state
    let place = start
    while (place < end) {
      if (this.#left === 1) this.#twist()
      // The words of one double may be in two blocks.
      if (this.#left === 2) return place
      const stop = Math.min(end, place + ((this.#left - 1) >> 1))
      let next = this.#next
      let at = place
      while (at < stop && (tempered(state[next]!) & 0x1fffff) * 2 ** -21 > weights[at]! * limit) {
        at++
        next += 2
      }
      this.#next = next
      this.#left -= 2 * (at - place)
      place = at
      if (place < stop) return place
    }
    return end
  }

  /** Uses up `count` words without looking at them. */
  skip(count: number): void {
    while (count > 0) {
      if (this.#left === 1) this.#twist()
      const step = Math.min(count, this.#left - 1)
      this.#left -= step
      this.#next += step
      count -= step
    }
  }

  /** The next block. */
  #twist(): void {
    const state = this.#state
    const turn = blockSize - middle
    for (let i = 0; i < turn; i++) state[i] = state[i + middle]! ^ twisted(state[i]!, state[i + 1]!)
    for (let i = turn; i < blockSize - 1; i++) state[i] = state[i - turn]! ^ twisted(state[i]!, state[i + 1]!)
    state[blockSize - 1] = state[middle - 1]! ^ twisted(state[blockSize - 1]!, state[0]!)
    this.#next = 0
    this.#left = blockSize + 1
  }

  get state(): TwisterState {
    return { words: Uint32Array.from(this.#state), next: this.#next, left: this.#left }
  }

  set state({ words, next, left }: TwisterState) {
    this.#state.set(words)
    this.#next = next
    this.#left = left
  }
}

/** A word of the state as it is given out, with a sign. */
function tempered(word: number): number {
  let y = word
  y ^= y >>> 11
  y ^= (y << 7) & 0x9d2c5680
  y ^= (y << 15) & 0xefc60000
  return y ^ (y >>> 18)
}

/** 53 bits of two words as a number in [0, 1). */
function evenNumber(high: number, low: number): number {
  return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)) * 2 ** -53
}

function twisted(upper: number, lower: number): number {
  const y = (upper & 0x80000000) | (lower & 0x7fffffff)
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df)
}
