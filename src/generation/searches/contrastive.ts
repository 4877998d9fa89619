// Contrastive search (Su et al. 2022; transformers 4.55, _contrastive_search): among the likeliest tokens the one that
// is least like what is already there.
import { bestContinuations, type Continuation } from '../beams/hypothesis.ts'
import type { StepCache, StepOutput } from '../model.ts'
import { dispose, type Generated, type GenerationStep, rowsOf } from '../outputs.ts'
import { Rows } from '../rows.ts'
import { type Run, repeated } from '../run.ts'
import { checkAllowed, softmaxOf } from '../scores.ts'

export async function* contrastive<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  const { rows, record, config, parts } = run
  const [k, cache] = [config.top_k!, run.cache!]
  const ended = new Array<boolean>(rows.count).fill(false)
  /** Each text k times: the candidates go through the model together. */
  const wide = new Rows(parts.prompt, k, rows.capacity, parts.mask)
  let output = await run.forward(rows, { hidden: true })
  const contexts = contextsOf(output, rows)
  for (let step = 0; ended.includes(false); step++) {
    const found = candidatesOf(run, output, step, ended)
    record.addInner(output)
    cache.reorder_cache(repeated(rows.count, k))
    wide.append(found.flatMap(ways => ways.map(({ token }) => token)))
    const ahead = await run.forward(wide, { hidden: true })
    const vectors = vectorsOf(ahead)
    const picked = found.map((ways, row) => {
      const values = ways.map(({ score }, i) => {
        const likeness = contexts[row]!.likeness(vectors[row * k + i]!)
        return (1 - config.penalty_alpha!) * score - config.penalty_alpha! * likeness
      })
      return row * k + values.indexOf(Math.max(...values))
    })
    const chosen = found.flatMap(ways => ways.map(({ token }) => token))
    const tokens = picked.map((at, row) => (ended[row] && parts.fillsUp ? parts.pad! : chosen[at]!))
    cache.reorder_cache(picked)
    wide.crop(rows.length)
    wide.append(tokens.flatMap(token => new Array<number>(k).fill(token)))
    rows.append(tokens)
    for (const [row, at] of picked.entries()) contexts[row]!.add(vectors[at]!)
    output = run.hold(outputOf(run, ahead, picked))
    for (const [row, isEnd] of run.ended(rows.all(), step + 1).entries()) ended[row] ||= isEnd
    yield { step, tokens, ended: [...ended] }
  }
  dispose(output.hidden_states)
  dispose(output.attentions)
  cache.crop(rows.length - 1)
  return run.result()
}

/** The likeliest k tokens of each row with their probabilities. */
function candidatesOf(run: Run, output: StepOutput, step: number, ended: readonly boolean[]): Continuation[][] {
  const { rows, vocabulary: V, record, parts } = run
  record.addLogits(output.logits)
  const found = ended.map((isDone, row) => {
    const logits = output.logits.subarray(row * V, (row + 1) * V)
    const best = parts.chain.apply({ ids: rows.row(row), logits, step, row, outputs: output })
    if (!isDone) checkAllowed(logits[best]!, row, step)
    return bestContinuations(softmaxOf(logits), [0], run.config.top_k!)
  })
  record.addScores(output.logits)
  return found
}

/** The last layer's vectors (rows, C) of the newest tokens. */
function vectorsOf({ hidden_states }: StepOutput): Float32Array[] {
  const last = hidden_states!.at(-1)!
  const [rows, T, C] = last.dims3()
  const values = Float32Array.from(last.data)
  return Array.from({ length: rows }, (_, row) => values.subarray(((row + 1) * T - 1) * C, (row + 1) * T * C))
}

/** The directions of the vectors of a text's tokens. */
class Context {
  readonly #directions: Float32Array[] = []

  add(vector: Float32Array): void {
    this.#directions.push(direction(vector))
  }

  /** The largest cosine between a vector and those of the text. */
  likeness(vector: Float32Array): number {
    const own = direction(vector)
    let most = -Infinity
    for (const other of this.#directions) {
      let cosine = 0
      for (let i = 0; i < own.length; i++) cosine += own[i]! * other[i]!
      most = Math.max(most, cosine)
    }
    return most
  }
}

function direction(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return vector.map(value => value / length)
}

/** The contexts of the prompts; padding does not count. */
function contextsOf({ hidden_states }: StepOutput, rows: Rows): Context[] {
  const last = hidden_states!.at(-1)!
  const [, T, C] = last.dims3()
  const values = Float32Array.from(last.data)
  return Array.from({ length: rows.count }, (_, row) => {
    const context = new Context()
    const mask = rows.mask(row)
    for (let t = 0; t < T; t++) {
      if (mask[t] === 1) context.add(values.subarray((row * T + t) * C, (row * T + t + 1) * C))
    }
    return context
  })
}

/** What the model gave for the picked candidates, as if there had been no others. */
function outputOf({ vocabulary: V, record }: Run, ahead: StepOutput, picked: readonly number[]): StepOutput {
  const logits = new Float32Array(picked.length * V)
  for (const [row, at] of picked.entries()) logits.set(ahead.logits.subarray(at * V, (at + 1) * V), row * V)
  const { hidden_states, attentions } = ahead
  if (!record.hidden_states) dispose(hidden_states)
  return {
    logits,
    hidden_states: record.hidden_states && hidden_states?.map(layer => rowsOf(layer, picked)),
    attentions: attentions?.map(layer => rowsOf(layer, picked)),
  }
}
