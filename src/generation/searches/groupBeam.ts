// Diverse beam search (Vijayakumar et al. 2016; transformers 4.55, _group_beam_search): groups of beams, one after the
// other, each kept away from the tokens that the groups before it took.
import { FinishedBeams } from '../beams/finished.ts'
import { bestContinuations } from '../beams/hypothesis.ts'
import { collected, follow, type NextBeam, sortWays } from '../beams/scored.ts'
import type { StepCache, StepOutput } from '../model.ts'
import type { Generated } from '../outputs.ts'
import type { Run } from '../run.ts'
import { logSoftmaxOf } from '../scores.ts'

const never = -1e9

/** One group of one prompt. */
interface Group {
  readonly rows: readonly number[]
  readonly finished: FinishedBeams
  isDone: boolean
}

export async function groupBeam<C extends StepCache>(run: Run<C>): Promise<Generated<C>> {
  const { rows, config, record, vocabulary: V } = run
  const texts = groupsOf(run)
  const size = config.num_beams / config.num_beam_groups
  let beams = rows.all().map((): readonly number[] => [])
  // In each group only the first beam counts at the beginning, or all would find the same.
  let sums: number[] = rows.all().map((_, row) => (row % size === 0 ? 0 : never))
  for (let step = 0; ; step++) {
    const output = await run.forward()
    record.addLogits(output.logits)
    for (let row = 0; row < rows.count; row++) {
      const scores = output.logits.subarray(row * V, (row + 1) * V)
      logSoftmaxOf(scores, scores)
    }
    const next = texts.flatMap(groups => stepOf(run, groups, output, step, sums, row => beams[row]!))
    record.addScores(output.logits)
    record.addInner(output)
    beams = next.map(({ row }) => [...beams[row]!, row])
    sums = next.map(({ score }) => score)
    follow(run, next)
    if (texts.flat().every(({ isDone }) => isDone) || run.ended(rows.all(), step + 1).every(isEnd => isEnd)) break
  }
  const count = rows.length - run.parts.prompt.length
  for (const { rows: ofGroup, finished, isDone } of texts.flat()) {
    if (isDone) continue
    for (const row of ofGroup)
      finished.add({ ids: rows.row(row).slice(), score: sums[row]!, beams: beams[row]! }, count)
  }
  return collected(
    run,
    texts.map(groups => groups.map(({ finished }) => finished)),
  )
}

function groupsOf(run: Run): Group[][] {
  const { num_beams, num_beam_groups } = run.config
  const size = num_beams / num_beam_groups
  const { lengths, prompt } = run.parts
  return Array.from({ length: run.rows.count / num_beams }, (_, text) =>
    Array.from({ length: num_beam_groups }, (_, group) => ({
      rows: Array.from({ length: size }, (_, beam) => text * num_beams + group * size + beam),
      finished: new FinishedBeams(size, run.config, lengths.most - prompt.length),
      isDone: false,
    })),
  )
}

/** The next beams of all groups of a prompt. */
function stepOf(
  run: Run,
  groups: readonly Group[],
  output: StepOutput,
  step: number,
  sums: readonly number[],
  beamsOf: (row: number) => readonly number[],
): NextBeam[] {
  const { rows, vocabulary: V, parts } = run
  const next: NextBeam[] = []
  for (const group of groups) {
    const taken = next.map(({ token }) => token)
    for (const row of group.rows) {
      const logits = output.logits.subarray(row * V, (row + 1) * V)
      parts.chain.apply({ ids: rows.row(row), logits, step, row, outputs: output, taken })
    }
    next.push(...nextOfGroup(run, group, output.logits, sums, beamsOf))
  }
  return next
}

function nextOfGroup(
  run: Run,
  group: Group,
  scores: Float32Array,
  sums: readonly number[],
  beamsOf: (row: number) => readonly number[],
): NextBeam[] {
  const { vocabulary: V, parts } = run
  const [first = 0] = group.rows
  const size = group.rows.length
  if (group.isDone) return group.rows.map(row => ({ row, token: parts.pad!, score: 0 }))
  const ofGroup = scores.subarray(first * V, (first + size) * V)
  const count = Math.max(2, 1 + parts.eos.length) * size
  const ways = bestContinuations(ofGroup, sums.slice(first, first + size), count)
  const next = sortWays(ways, group.rows, run, group.finished, beamsOf)
  group.isDone = group.finished.isDone(ways[0]!.score, run.rows.length + 1 - parts.prompt.length)
  return next
}
