// What group beam search and constrained beam search share: sorting ways to go on into beams and ended texts, and the
// end.
import type { StepCache } from '../model.ts'
import type { Generated } from '../outputs.ts'
import type { Run } from '../run.ts'
import { bestFinished, type FinishedBeams } from './finished.ts'
import { asBeamRows, asRows, type Continuation, type Hypothesis } from './hypothesis.ts'

/** A beam of the next step: the row it comes from, its new token, its sum of log-probabilities. */
export interface NextBeam {
  readonly row: number
  readonly token: number
  readonly score: number
}

/**
 * The ways, best in front, of `size` beams whose rows are `rows`: those that end go to `finished` where they are among
 * the first `size` and `mayEnd`, the others become the next beams.
 */
export function sortWays(
  ways: readonly Continuation[],
  rows: readonly number[],
  run: Run,
  finished: FinishedBeams,
  beamsOf: (row: number) => readonly number[],
  mayEnd: (ids: Int32Array) => boolean = () => true,
): NextBeam[] {
  const next: NextBeam[] = []
  const size = rows.length
  const count = run.rows.length + 1 - run.parts.prompt.length
  for (const [rank, { beam, token, score }] of ways.entries()) {
    const row = rows[beam]!
    if (!run.parts.eos.includes(token)) {
      next.push({ row, token, score })
      if (next.length === size) break
    } else if (rank < size && mayEnd(run.rows.row(row))) {
      finished.add({ ids: run.rows.row(row).slice(), score, beams: [...beamsOf(row), row] }, count)
    }
  }
  return next
}

/** Makes rows and cache those of the next beams, one for each row. */
export function follow({ rows, cache }: Run, next: readonly NextBeam[]): void {
  const sources = next.map(({ row }) => row)
  rows.reorder(sources)
  cache?.reorder_cache(sources)
  rows.append(next.map(({ token }) => token))
}

/**
 * The best texts of each prompt, with the token that ended them behind those that are shorter than the longest may be.
 */
export function collected<C extends StepCache>(
  run: Run<C>,
  finished: readonly (readonly FinishedBeams[])[],
): Generated<C> {
  const { eos, pad, lengths } = run.parts
  const { num_return_sequences, output_scores } = run.config
  const found = finished.flatMap(ofText => bestFinished(ofText, num_return_sequences))
  const longest = Math.max(...found.map(({ ids }) => ids.length))
  const length = eos.length > 0 ? Math.min(longest + 1, lengths.most) : longest
  const ended = found.map((text): Hypothesis => {
    if (text.ids.length >= length || eos.length === 0) return text
    return { ...text, ids: Int32Array.from([...text.ids, eos[0]!]) }
  })
  return run.resultOf({
    ...asRows(ended, length, pad ?? -1),
    beam_indices: output_scores ? asBeamRows(found, length) : undefined,
    sequences_scores: output_scores ? Float32Array.from(found, ({ score }) => score) : undefined,
  })
}
