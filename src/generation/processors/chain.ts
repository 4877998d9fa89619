// All processors of a generation in the order in which Hugging Face applies them.
import type { Candidates } from '../candidates.ts'
import { argmaxOf, checkAllowed, checkNumbers } from '../scores.ts'
import type { Processing } from './own.ts'
import type { ProcessorInput } from './processor.ts'
import { takeScores } from './returned.ts'
import type { LogitsWarper } from './warper.ts'

export class ProcessorChain {
  /** Work on the whole row of scores. */
  readonly processors: readonly Processing[]
  /** Come after them, and may work on what is left. */
  readonly warpers: readonly LogitsWarper[]
  /** Come last. */
  readonly last: readonly Processing[]

  constructor(processors: readonly Processing[], warpers: readonly LogitsWarper[], last: readonly Processing[]) {
    this.processors = processors
    this.warpers = warpers
    this.last = last
  }

  get isEmpty(): boolean {
    return this.processors.length + this.warpers.length + this.last.length === 0
  }

  /** All of them, in order. */
  all(): Processing[] {
    return [...this.processors, ...this.warpers, ...this.last]
  }

  #process(input: ProcessorInput): void {
    for (const processor of this.processors) takeScores(processor.process(input), input.logits)
  }

  /** Changes a row of scores in place and returns the best token. Throws InputError NAN_LOGITS. */
  apply(input: ProcessorInput): number {
    this.#process(input)
    for (const warper of this.warpers) warper.process(input)
    for (const processor of this.last) processor.process(input)
    return best(input)
  }

  /**
   * The same, but `candidates` get what the warpers leave: a draw needs no more. Throws InputError NAN_LOGITS,
   * NOTHING_ALLOWED.
   */
  narrow(input: ProcessorInput, candidates: Candidates): void {
    this.#process(input)
    candidates.load(input.logits)
    for (const warper of this.warpers) warper.warp(candidates)
    const { scores, count } = candidates
    const highest = scores[argmaxOf(scores, count)]!
    checkNumbers(highest, input.row, input.step)
    checkAllowed(highest, input.row, input.step)
    if (this.last.length === 0) return
    candidates.writeTo(input.logits)
    for (const processor of this.last) processor.process(input)
    candidates.readFrom(input.logits)
  }
}

function best({ logits, row, step }: ProcessorInput): number {
  const place = argmaxOf(logits)
  checkNumbers(logits[place]!, row, step)
  return place
}
