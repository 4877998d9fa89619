// What a warper is: a processor that reshapes or cuts the distribution a token is drawn from.
import { Candidates } from '../candidates.ts'
import { placesOfBest } from '../selection.ts'
import { whole } from '../values.ts'
import { LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Options that the warpers share. */
export interface WarperOptions {
  /** The score of forbidden tokens; -Infinity unless given. */
  filter_value?: number
  /** So many of the best tokens always stay; 1 unless given. */
  min_tokens_to_keep?: number
}

export abstract class LogitsWarper extends LogitsProcessor {
  readonly filter_value: number
  readonly min_tokens_to_keep: number
  #candidates: Candidates | undefined

  /** Throws ConfigError GENERATION_VALUE. */
  constructor({ filter_value = -Infinity, min_tokens_to_keep = 1 }: WarperOptions = {}) {
    super()
    this.filter_value = filter_value
    this.min_tokens_to_keep = whole('min_tokens_to_keep', min_tokens_to_keep, 1)
  }

  /** Changes scores, or drops candidates. */
  abstract warp(candidates: Candidates): void

  override process({ logits }: ProcessorInput): void {
    const candidates = (this.#candidates ??= new Candidates(logits.length))
    candidates.load(logits)
    this.warp(candidates)
    candidates.writeTo(logits, this.filter_value)
  }
}

/** Above every probability. */
export const spared = 2

/** Makes the `least` best candidates, of equal ones the first, more than certain, so that no bar forbids them. */
export function spareBest({ scores, count }: Candidates, least: number, probs: Float32Array): void {
  const places = placesOfBest(scores, Math.min(least, count), count)
  let bar = Infinity
  for (const place of places) bar = Math.min(bar, scores[place]!)
  let surplus = places.length - least
  for (let i = places.length - 1; i >= 0; i--) {
    if (surplus > 0 && scores[places[i]!] === bar) surplus--
    else probs[places[i]!] = spared
  }
}
