// Top-h sampling: as many tokens as fit into a share of the entropy (Baghaei Potraghloo et al. 2025).
import type { Candidates } from '../candidates.ts'
import { softmaxOf } from '../scores.ts'
import { placesOfBest } from '../selection.ts'
import { valueFault } from '../values.ts'
import { LogitsWarper, type WarperOptions } from './warper.ts'

/** The most tokens that are looked at. */
const most = 100

/** Of the 100 likeliest tokens keeps the first ones whose entropies sum to at most `top_h` times that of all 100. */
export class TopHLogitsWarper extends LogitsWarper {
  readonly top_h: number

  /** Throws ConfigError GENERATION_VALUE unless 0 < top_h <= 1. */
  constructor(top_h: number, options: Omit<WarperOptions, 'min_tokens_to_keep'> = {}) {
    super(options)
    if (!(top_h > 0 && top_h <= 1)) throw valueFault('top_h', top_h, 'a number above 0, at most 1')
    this.top_h = top_h
  }

  override warp(candidates: Candidates): void {
    const { scores, count } = candidates
    const best = placesOfBest(scores, Math.min(most, count), count)
      .sort((a, b) => compare(scores[b]!, scores[a]!) || a - b)
      .subarray(0, most)
    const terms = softmaxOf(Float32Array.from(best, place => scores[place]!)).map(p => (p > 0 ? -p * Math.log(p) : 0))
    const room = Math.fround(terms.reduce((a, b) => a + b, 0) * this.top_h)
    let used = 0
    let kept = 0
    while (kept < terms.length && Math.fround((used += terms[kept]!)) <= room) kept++
    candidates.keep(best.subarray(0, Math.max(kept, 1)).sort())
  }
}

/** Infinite scores are equal. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}
