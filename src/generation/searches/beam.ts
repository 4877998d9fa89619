// Beam search and beam sampling (transformers/generation/utils.py, _beam_search): the likeliest texts as wholes.
import {
  asBeamRows,
  asRows,
  bestContinuations,
  type Continuation,
  extended,
  type Hypothesis,
} from '../beams/hypothesis.ts'
import type { StepCache, StepOutput } from '../model.ts'
import type { Generated } from '../outputs.ts'
import type { Run } from '../run.ts'
import { checkAllowed, logSoftmaxOf, softmaxOf } from '../scores.ts'

/** Hugging Face's "minus infinity": far below any score, and still a number. */
const never = -1e9

/** One prompt with its beams, the texts that have finished, and whether a better one may still come. */
interface Text {
  running: readonly Hypothesis[]
  finished: readonly Finished[]
  canImprove: boolean
}

interface Finished extends Hypothesis {
  readonly isReal: boolean
}

export async function beam<C extends StepCache>(run: Run<C>): Promise<Generated<C>> {
  const { rows, config, record } = run
  const { num_beams, early_stopping } = config
  const texts = Array.from({ length: rows.count / num_beams }, (_, i) => begin(rows.row(i * num_beams), num_beams))
  for (let step = 0; ; step++) {
    const output = await run.forward()
    record.addLogits(output.logits)
    const scores = processed(run, output.logits, step, output)
    record.addScores(scores)
    record.addInner(output)
    const found = continuations(run, scores, texts, step)
    const ends = run.ended(
      found.flat().map(({ ids }) => ids),
      step + 1,
    )
    const perText = found[0]!.length
    for (const [i, text] of texts.entries()) {
      advance(text, found[i]!, ends.slice(i * perText, (i + 1) * perText), run, step + 1)
    }
    follow(run, texts)
    if (!texts.some(text => text.canImprove)) break
    if (early_stopping === true && texts.every(({ finished }) => finished.every(({ isReal }) => isReal))) break
    if (ends.every(isEnd => isEnd)) break
  }
  return collected(run, texts)
}

/** All beams begin as the prompt; only the first one counts, or they would all find the same. */
function begin(ids: Int32Array, count: number): Text {
  const prompt = ids.slice()
  const at = (score: number): Hypothesis => ({ ids: prompt, score, beams: [] })
  return {
    running: Array.from({ length: count }, (_, beam) => at(beam === 0 ? 0 : never)),
    finished: Array.from({ length: count }, () => ({ ...at(never), isReal: false })),
    canImprove: true,
  }
}

/** Log-probabilities after the processors, in the place of the scores (rows, V). */
export function processed(run: Run, logits: Float32Array, step: number, outputs: StepOutput): Float32Array {
  const { rows, vocabulary: V, parts } = run
  for (let row = 0; row < rows.count; row++) {
    const scores = logits.subarray(row * V, (row + 1) * V)
    logSoftmaxOf(scores, scores)
    parts.chain.apply({ ids: rows.row(row), logits: scores, step, row, outputs })
  }
  return logits
}

/** How each text may go on: more ways than beams, because some of them end. */
function continuations(run: Run, scores: Float32Array, texts: readonly Text[], step: number): Hypothesis[][] {
  const { num_beams, do_sample } = run.config
  const count = Math.max(2, 1 + run.parts.eos.length) * num_beams
  const size = num_beams * run.vocabulary
  const ofText = (i: number) => scores.subarray(i * size, (i + 1) * size)
  const sums = texts.map(({ running }) => running.map(({ score }) => score))
  const found = do_sample
    ? drawn(
        run,
        texts.map((_, i) => accumulated(ofText(i), sums[i]!)),
        count,
      )
    : sums.map((ofBeams, i) => bestContinuations(ofText(i), ofBeams, count))
  return found.map((ways, i) => {
    checkAllowed(Math.max(...ways.map(({ score }) => score)), i * num_beams, step)
    return ways.map(({ beam, token, score }) => extended(texts[i]!.running[beam]!, token, i * num_beams + beam, score))
  })
}

/** Scores (beams, V) with each beam's own score added. */
function accumulated(scores: Float32Array, sums: readonly number[]): Float32Array {
  const V = scores.length / sums.length
  return scores.map((score, i) => score + sums[Math.floor(i / V)]!)
}

/** Draws ways to go on by the likelihood of the whole text, without replacement, for all texts at once. */
function drawn(run: Run, sums: readonly Float32Array[], count: number): Continuation[][] {
  const size = sums[0]!.length
  const probabilities = new Float32Array(sums.length * size)
  for (const [i, ofText] of sums.entries()) softmaxOf(ofText, probabilities.subarray(i * size, (i + 1) * size))
  const places = run.parts.generator.multinomial(probabilities, count, { rows: sums.length })
  return sums.map((ofText, i) =>
    Array.from(places.subarray(i * count, (i + 1) * count), place => ({
      beam: Math.floor(place / run.vocabulary),
      token: place % run.vocabulary,
      score: ofText[place]!,
    })),
  )
}

/** Takes the ways that have not ended as the new beams, and the better of old and new texts that have. */
function advance(text: Text, ways: readonly Hypothesis[], ends: readonly boolean[], run: Run, step: number): void {
  const { num_beams, early_stopping, length_penalty } = run.config
  const open = ways.map((way, i) => (ends[i] ? { ...way, score: Math.fround(way.score + never) } : way))
  text.running = best(open, num_beams)
  const isFull = early_stopping === true && text.finished.every(({ isReal }) => isReal)
  const divisor = Math.fround(step ** length_penalty)
  const closed = ways.map((way, i) => {
    const isReal = ends[i]! && i < num_beams
    let score = Math.fround(way.score / divisor)
    if (isFull) score = Math.fround(score + never)
    if (!text.canImprove) score = Math.fround(score + never)
    if (!isReal) score = Math.fround(score + never)
    return { ...way, score, isReal }
  })
  text.finished = best([...text.finished, ...closed], num_beams)
  text.canImprove &&= canImprove(text, run, step)
}

/**
 * Whether the best beam could still beat the worst finished text, were it as long as it is or, with 'never', may
 * become.
 */
function canImprove({ running, finished }: Text, run: Run, step: number): boolean {
  const { early_stopping, length_penalty } = run.config
  const longest = run.parts.lengths.most - run.parts.prompt.length
  const length = early_stopping === 'never' && length_penalty > 0 ? longest : step
  const hope = Math.fround(running[0]!.score / Math.fround(length ** length_penalty))
  const worst = Math.min(...finished.map(({ score }) => score))
  return finished.some(({ isReal }) => hope > (isReal ? worst : never))
}

/** The `count` best, of equals the first, the best in front. */
function best<T extends Hypothesis>(texts: readonly T[], count: number): T[] {
  return texts.toSorted((a, b) => b.score - a.score).slice(0, count)
}

/** Makes rows and cache those of the new beams. */
function follow({ rows, cache }: Run, texts: readonly Text[]): void {
  const running = texts.flatMap(text => text.running)
  const sources = running.map(({ beams }) => beams.at(-1)!)
  rows.reorder(sources)
  cache?.reorder_cache(sources)
  rows.append(running.map(({ ids }) => ids.at(-1)!))
}

function collected<C extends StepCache>(run: Run<C>, texts: readonly Text[]): Generated<C> {
  const { eos, pad, prompt } = run.parts
  const { num_return_sequences: answers, output_scores } = run.config
  const found = texts.flatMap(({ finished }) => finished.slice(0, answers))
  const longest = Math.max(...found.map(({ beams }) => beams.length))
  // As in Hugging Face, a padding token of 0 gives way to the token that ends texts.
  const filler = pad || (eos[0] ?? pad ?? -1)
  return run.resultOf({
    ...asRows(found, prompt.length + longest, filler),
    beam_indices: asBeamRows(found, longest),
    sequences_scores: output_scores ? Float32Array.from(found, ({ score }) => score) : undefined,
  })
}
