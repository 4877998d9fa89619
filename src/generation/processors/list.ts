// Processors in a row, as transformers and transformers.js keep them.

import { ExtensibleList } from '../extensibleList.ts'
import { asProcessor } from './own.ts'
import type { LogitsProcessorLike, ProcessorInput, ReturnedScores } from './processor.ts'
import { LogitsProcessor } from './processor.ts'
import { takeScores } from './returned.ts'

/** Processors one after the other: an array that is a processor too. */
export class LogitsProcessorList extends ExtensibleList<LogitsProcessorLike> {
  /** Changes one row of scores in place. Throws what the processors throw. */
  process(input: ProcessorInput): void {
    for (const processor of this) takeScores(asProcessor(processor).process(input), input.logits)
  }

  /** The same with rows. */
  _call(input_ids: readonly ArrayLike<number>[], scores: readonly Float32Array[]): ReturnedScores {
    return LogitsProcessor.prototype._call.call(this, input_ids, scores)
  }
}
