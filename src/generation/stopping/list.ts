// Criteria beside each other, as transformers and transformers.js keep them.
import { ExtensibleList } from '../extensibleList.ts'
import {
  asCriterion,
  StoppingCriteria,
  type StoppingCriterionLike,
  type StoppingInput,
  type Verdict,
  verdictOf,
} from './criterion.ts'

/** Ends a row when one of its criteria does: an array that is a criterion too. */
export class StoppingCriteriaList extends ExtensibleList<StoppingCriterionLike> {
  /** Which rows have ended. Throws ConfigError STOPPING. */
  stop(input: StoppingInput): Verdict {
    const verdicts = Array.from(this, given => verdictOf(asCriterion(given).stop(input), input.ids.length))
    return input.ids.map((_, row) => verdicts.some(ended => ended[row]))
  }

  /** The same with each row's ids. */
  _call(input_ids: readonly ArrayLike<number>[], scores?: readonly Float32Array[]): Verdict {
    return StoppingCriteria.prototype._call.call(this, input_ids, scores)
  }
}
