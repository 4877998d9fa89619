// torch.Generator: the CPU generator of PyTorch, with the numbers that PyTorch gives for the same seed.
import { ConfigError, InputError } from '../errors.ts'
import { blockLength, boxMuller } from './boxMuller.ts'
import { CongruentialGenerator } from './congruential.ts'
import { CongruentialExponential, type ExponentialSource, TwisterExponential } from './exponential.ts'
import { MersenneTwister } from './mersenneTwister.ts'
import { checkSamples, checkWeights, drawAmong, drawDistinct, drawRepeatedly, type FewWeights } from './multinomial.ts'
import { decodeState, encodeState } from './state.ts'

export interface GeneratorOptions {
  /**
   * Whose numbers: '2.7' (the default) are those of PyTorch 2.7 and later, '2.6' those of the x86 builds before it, which
   * let Intel's MKL draw the exponential numbers, by which multinomial() chooses (sampled text), and bernoulli ones.
   * Weights are the same.
   */
  torch?: TorchRelease
}

export type TorchRelease = '2.6' | '2.7'

export interface MultinomialOptions {
  /** Rows in `weights`; 1 unless given. */
  rows?: number
  /** Whether a place may come several times. */
  replacement?: boolean
}

/** torch's own default. */
const defaultSeed = 67280421310721

export class Generator {
  #torch: TorchRelease
  #twister: MersenneTwister
  #seed: bigint
  /** The second of the two numbers that one Box-Muller step makes. */
  #spare: number | undefined

  /** Throws ConfigError GENERATOR_VALUE for a seed that is no whole number from 0 to 2^53 - 1 or an unknown release. */
  constructor(seed: number = defaultSeed, options: GeneratorOptions = {}) {
    this.#seed = BigInt(checkSeed(seed))
    this.#twister = new MersenneTwister(seed)
    this.#torch = checkRelease(options.torch ?? '2.7')
  }

  /** Starts again from a seed; the release stays what it was unless it is given. Throws as the constructor. */
  manual_seed(seed: number, options: GeneratorOptions = {}): this {
    const release = checkRelease(options.torch ?? this.#torch)
    this.#seed = BigInt(checkSeed(seed))
    this.#torch = release
    this.#twister = new MersenneTwister(seed)
    this.#spare = undefined
    return this
  }

  /** Whose numbers it gives. */
  get torch(): TorchRelease {
    return this.#torch
  }

  /** The seed it started from. */
  initial_seed(): number {
    return Number(this.#seed)
  }

  /** Starts again from a seed that nobody knows, and gives it back. */
  seed(): number {
    const seed = freshSeed()
    this.manual_seed(seed)
    return seed
  }

  /** Where it stands, in the bytes of torch's get_state(): torch.Generator can go on from there. */
  get_state(): Uint8Array {
    return encodeState({ ...this.#twister.state, seed: this.#seed, spare: this.#spare })
  }

  /** Goes on from what get_state() gave, here or in PyTorch. Throws InputError GENERATOR_STATE for other bytes. */
  set_state(bytes: Uint8Array): this {
    const { seed, spare, ...state } = decodeState(bytes)
    this.#twister.state = state
    this.#seed = seed
    this.#spare = spare
    return this
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    return this.#twister.uint32()
  }

  /** Even over [0, 1), in steps of 2^-53: torch.rand(1, dtype=torch.float64). */
  double(): number {
    return this.#twister.double()
  }

  /** Fills `out` with numbers even over [low, high), and gives it back: Tensor.uniform_. */
  uniform(out: Float32Array, low = 0, high = 1): Float32Array {
    const [from, to] = [Math.fround(low), Math.fround(high)]
    const range = Math.fround(to - from)
    for (let i = 0; i < out.length; i++) {
      const value = Math.fround((this.#twister.uint32() & 0xffffff) * 2 ** -24 * range + from)
      out[i] = value === to ? from : value
    }
    return out
  }

  /** Fills `out` with normal numbers, and gives it back: Tensor.normal_. Fewer than 16 are made in double precision. */
  normal(out: Float32Array, mean = 0, std = 1): Float32Array {
    const { length } = out
    if (length < blockLength) {
      for (let i = 0; i < length; i++) out[i] = this.#normal() * std + mean
      return out
    }
    const [center, deviation] = [Math.fround(mean), Math.fround(std)]
    this.uniform(out)
    for (let i = 0; i + blockLength <= length; i += blockLength) boxMuller(out, i, center, deviation)
    if (length % blockLength > 0) {
      this.uniform(out.subarray(length - blockLength))
      boxMuller(out, length - blockLength, center, deviation)
    }
    return out
  }

  #normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return spare
    }
    const angle = 2 * Math.PI * this.#twister.double()
    const radius = Math.sqrt(-2 * Math.log1p(-this.#twister.double()))
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** Uses up what `uniform` takes for so many numbers. */
  skipUniform(count: number): void {
    this.#twister.skip(count)
  }

  /** Uses up what `normal` takes for so many numbers. */
  skipNormal(count: number): void {
    if (count < blockLength) for (let i = 0; i < count; i++) this.#normal()
    else this.#twister.skip(count + (count % blockLength > 0 ? blockLength : 0))
  }

  /** Fills `out` with exponential numbers, and gives it back: Tensor.exponential_. */
  exponential(out: Float32Array, rate = 1): Float32Array {
    const draws = this.#exponentials()
    const scale = this.#torch === '2.7' ? 1 / rate : Math.fround(1 / rate)
    for (let i = 0; i < out.length; i++) out[i] = draws.next() * scale
    return out
  }

  #exponentials(): ExponentialSource {
    if (this.#torch === '2.7') return new TwisterExponential(this.#twister)
    return new CongruentialExponential(new CongruentialGenerator(this.#twister.uint32()))
  }

  /** Fills `out` with ones of probability `p` and zeros, and gives it back: Tensor.bernoulli_(p). */
  bernoulli(out: Float32Array, p: number): Float32Array {
    if (this.#torch === '2.7') for (let i = 0; i < out.length; i++) out[i] = Number(this.#twister.double() < p)
    else {
      const numbers = new CongruentialGenerator(this.#twister.uint32())
      for (let i = 0; i < out.length; i++) out[i] = Number(numbers.uniform() < p)
    }
    return out
  }

  /**
   * `num_samples` places of each row, drawn by their weights: (rows, width) -> (rows, num_samples), as torch.multinomial.
   * Throws InputError MULTINOMIAL for weights that are negative, not finite or all zero, and for more samples than there
   * are places.
   */
  multinomial(
    weights: Float32Array,
    num_samples = 1,
    { rows = 1, replacement = false }: MultinomialOptions = {},
  ): Int32Array {
    const width = weights.length / rows
    checkWeights(weights, width)
    checkSamples(num_samples, width, replacement)
    return replacement && num_samples > 1
      ? drawRepeatedly(weights, width, num_samples, this.#twister)
      : drawDistinct(weights, width, num_samples, this.#exponentials())
  }

  /**
   * @internal One place of each row, as multinomial draws from the whole rows; of rows that are undefined too, but nobody asks which
   * (-1). The weights are not checked.
   */
  drawAmong(rows: readonly (FewWeights | undefined)[], width: number): number[] {
    const draws = this.#exponentials()
    return rows.map(row => {
      if (row) return drawAmong(row, draws)
      draws.skip(width)
      return -1
    })
  }

  /** `count` whole numbers from `low` to `high` - 1: torch.randint. Throws InputError RANDINT when there are none. */
  randint(low: number, high: number, count: number): number[] {
    const range = high - low
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && range > 0 && range < 2 ** 53)) {
      throw new InputError('RANDINT', `randint: there are no whole numbers from ${low} to ${high} - 1`)
    }
    const isLarge = range >= (this.#torch === '2.7' ? 2 ** 28 : 2 ** 32)
    return Array.from({ length: count }, () => {
      if (!isLarge) return (this.#twister.uint32() % range) + low
      const word = (BigInt(this.#twister.uint32()) << 32n) | BigInt(this.#twister.uint32())
      return Number(word % BigInt(range)) + low
    })
  }

  /** The numbers from 0 to `count` - 1 in a random order: torch.randperm. */
  randperm(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i)
    for (let i = 0; i + 1 < count; i++) {
      const j = i + (this.#twister.uint32() % (count - i))
      const value = order[i]!
      order[i] = order[j]!
      order[j] = value
    }
    return order
  }
}

/** A seed for callers who gave none. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw new ConfigError('GENERATOR_VALUE', `a seed must be a whole number from 0 to 2^53 - 1, got ${String(seed)}`)
}

function checkRelease(torch: TorchRelease): TorchRelease {
  if (torch === '2.6' || torch === '2.7') return torch
  throw new ConfigError('GENERATOR_VALUE', `torch must be '2.6' or '2.7', got '${String(torch)}'`)
}
