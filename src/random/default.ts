// The generator of all calls that are given no seed of their own, and its seed.
import { freshSeed, Generator, type GeneratorOptions } from './generator.ts'

const unknownSeed = freshSeed()

/** Where fresh weights and sampled tokens come from, once it is seeded, when a call has no seed. */
export const default_generator = new Generator(unknownSeed)

/**
 * From here on the same random weights and texts as PyTorch gives after the same call (transformers/trainer_utils.py).
 * Throws ConfigError GENERATOR_VALUE for a seed that is no whole number from 0 to 2^53 - 1.
 */
export function set_seed(seed: number, options: GeneratorOptions = {}): void {
  default_generator.manual_seed(seed, options)
}

/** The same, by the name that torch has for it; gives the generator back. */
export function manual_seed(seed: number, options: GeneratorOptions = {}): Generator {
  return default_generator.manual_seed(seed, options)
}

/** @internal As if nobody had seeded it. */
export function forgetSeed(): void {
  default_generator.manual_seed(unknownSeed, { torch: '2.7' })
}

/**
 * The generator of a call: one of its own for a call with a seed, which leaves the default one as it is; else the
 * default one. As long as nobody has seeded that, each call gets a fresh seed, which can be told and given again.
 */
export function generatorOf(seed: number | undefined): Generator {
  if (seed !== undefined) return new Generator(seed)
  return default_generator.initial_seed() === unknownSeed ? new Generator(freshSeed()) : default_generator
}
