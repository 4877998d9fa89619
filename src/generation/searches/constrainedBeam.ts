// Constrained beam search (transformers 4.55, _constrained_beam_search): beams that come nearer to the forced runs stay
// beside those that are likely.
import { FinishedBeams } from '../beams/finished.ts'
import { bestContinuations } from '../beams/hypothesis.ts'
import { collected, follow, type NextBeam, sortWays } from '../beams/scored.ts'
import type { GenerationConfig } from '../config.ts'
import type { Constraint } from '../constraints/constraint.ts'
import { DisjunctiveConstraint } from '../constraints/disjunctive.ts'
import { PhrasalConstraint } from '../constraints/phrasal.ts'
import { ConstraintProgressList } from '../constraints/progress.ts'
import type { StepCache } from '../model.ts'
import type { Generated } from '../outputs.ts'
import type { Run } from '../run.ts'
import { processed } from './beam.ts'

const never = -1e9

/** One prompt. */
interface Text {
  readonly rows: readonly number[]
  readonly finished: FinishedBeams
  isDone: boolean
}

export async function constrainedBeam<C extends StepCache>(run: Run<C>): Promise<Generated<C>> {
  const { rows, config, record, vocabulary: V } = run
  const { num_beams } = config
  const constraints = constraintsOf(config)
  const { lengths, prompt } = run.parts
  const texts = Array.from(
    { length: rows.count / num_beams },
    (_, text): Text => ({
      rows: Array.from({ length: num_beams }, (_, beam) => text * num_beams + beam),
      finished: new FinishedBeams(num_beams, config, lengths.most - prompt.length),
      isDone: false,
    }),
  )
  let beams = rows.all().map((): readonly number[] => [])
  let sums: number[] = rows.all().map((_, row) => (row % num_beams === 0 ? 0 : never))
  for (let step = 0; ; step++) {
    const output = await run.forward()
    record.addLogits(output.logits)
    const scores = processed(run, output.logits, step, output).map((score, i) => score + sums[Math.floor(i / V)]!)
    record.addScores(scores)
    record.addInner(output)
    const next = texts.flatMap(text => nextOf(run, text, scores, row => beams[row]!, constraints))
    beams = next.map(({ row }) => [...beams[row]!, row])
    sums = next.map(({ score }) => score)
    follow(run, next)
    if (texts.every(({ isDone }) => isDone) || run.ended(rows.all(), step + 1).every(isEnd => isEnd)) break
  }
  finish(run, texts, sums, beams, constraints)
  return collected(
    run,
    texts.map(({ finished }) => [finished]),
  )
}

/** The forced runs as constraints: a run is a phrase, a list of runs a choice. */
export function constraintsOf({ constraints, force_words_ids }: GenerationConfig): Constraint[] {
  const words = (force_words_ids ?? []).map(run =>
    isRun(run) ? new PhrasalConstraint(run) : new DisjunctiveConstraint(run),
  )
  return [...(constraints ?? []), ...words]
}

function isRun(run: readonly number[] | readonly (readonly number[])[]): run is readonly number[] {
  return !Array.isArray(run[0])
}

function nextOf(
  run: Run,
  text: Text,
  scores: Float32Array,
  beamsOf: (row: number) => readonly number[],
  constraints: readonly Constraint[],
): NextBeam[] {
  const { vocabulary: V, parts } = run
  const { length: size, 0: first = 0 } = text.rows
  if (text.isDone) return text.rows.map(row => ({ row, token: parts.pad!, score: 0 }))
  const ofText = scores.subarray(first * V, (first + size) * V)
  const none = new Array<number>(size).fill(0)
  const ways = bestContinuations(ofText, none, Math.max(2, 1 + parts.eos.length) * size)
  const isFulfilled = (ids: Int32Array) => new ConstraintProgressList(constraints).read(ids).completed
  const likely = sortWays(ways, text.rows, run, text.finished, beamsOf, isFulfilled)
  text.isDone = text.finished.isDone(ways[0]!.score, run.rows.length + 1 - parts.prompt.length)
  return balanced(run, text, likely, ofText, constraints)
}

/** A beam that may be the next one, with the measure of its progress. */
interface Candidate extends NextBeam {
  readonly bank: number
}

/** The likely beams and those that are forced one step further, taken in turns from the groups of equal progress. */
function balanced(
  run: Run,
  text: Text,
  likely: readonly NextBeam[],
  scores: Float32Array,
  constraints: readonly Constraint[],
): NextBeam[] {
  const seen = new Set(likely.map(({ row, token }) => [...run.rows.row(row), token].join()))
  const candidates: Candidate[] = likely.map(beam => {
    const progress = new ConstraintProgressList(constraints).read(run.rows.row(beam.row))
    progress.add(beam.token)
    return { ...beam, bank: progress.bank() }
  })
  for (const [i, row] of text.rows.entries()) {
    const ids = run.rows.row(row)
    const progress = new ConstraintProgressList(constraints).read(ids)
    if (progress.completed) continue
    for (const token of progress.advance()) {
      const key = [...ids, token].join()
      if (seen.has(key)) continue
      seen.add(key)
      const further = progress.copy()
      further.add(token)
      candidates.push({ row, token, score: scores[i * run.vocabulary + token] ?? -Infinity, bank: further.bank() })
    }
  }
  return candidates.length === likely.length ? [...likely] : inTurns(candidates).slice(0, text.rows.length)
}

/** The best of each bank, the highest bank in front, then the second best of each, and so on. */
function inTurns(candidates: readonly Candidate[]): Candidate[] {
  const measure = ({ bank, score }: Candidate) => Math.fround(bank * 100 + score)
  const sorted = candidates.toSorted((a, b) => measure(b) - measure(a))
  let place = -1
  const places = sorted.map(({ bank }, i) => (place = i > 0 && bank === sorted[i - 1]!.bank ? place + 1 : 0))
  return sorted
    .map((candidate, i) => ({ candidate, place: places[i]! }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ candidate }) => candidate)
}

/** Adds the beams that are still open; where too few of them fulfil the constraints, the others too. */
function finish(
  run: Run,
  texts: readonly Text[],
  sums: readonly number[],
  beams: readonly (readonly number[])[],
  constraints: readonly Constraint[],
): void {
  const count = run.rows.length - run.parts.prompt.length
  for (const { rows, finished, isDone } of texts) {
    if (isDone) continue
    const add = (row: number) =>
      finished.add({ ids: run.rows.row(row).slice(), score: sums[row]!, beams: beams[row]! }, count)
    const fulfilled = rows.filter(row => new ConstraintProgressList(constraints).read(run.rows.row(row)).completed)
    fulfilled.forEach(add)
    if (fulfilled.length >= run.config.num_return_sequences) continue
    rows.filter(row => !fulfilled.includes(row)).forEach(add)
  }
}
