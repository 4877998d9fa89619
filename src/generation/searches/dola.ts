// DoLa (Chuang et al. 2023; transformers 4.55, _dola_decoding): the last layer's prediction against that of an earlier
// one.
import { ConfigError } from '../../errors.ts'
import { TokenChooser } from '../chooser.ts'
import type { StepCache, StepOutput } from '../model.ts'
import type { Generated, GenerationStep } from '../outputs.ts'
import type { Run } from '../run.ts'
import { argmaxOf, logSoftmaxOf } from '../scores.ts'

export async function* dola<C extends StepCache>(run: Run<C>): AsyncGenerator<GenerationStep, Generated<C>> {
  const { rows, record } = run
  const chooser = new TokenChooser(run)
  const ended = new Array<boolean>(rows.count).fill(false)
  let layers: number[] | undefined
  for (let step = 0; ended.includes(false); step++) {
    const output = await run.forward(rows, { hidden: true })
    record.addLogits(output.logits)
    layers ??= layersOf(run, output.hidden_states!.length - 1)
    const scores = contrasted(run, output, layers)
    const tokens = chooser.choose(scores, step, ended, output)
    record.addScores(scores)
    record.addInner(output)
    rows.append(tokens)
    for (const [row, isEnd] of run.ended(rows.all(), step + 1).entries()) ended[row] ||= isEnd
    yield { step, tokens, ended: [...ended] }
  }
  return run.result()
}

/** The layers that may be taken off: every second one of the lower or the upper half. */
function layersOf(run: Run, last: number): number[] {
  const { dola_layers } = run.config
  const begin = run.parts.model.isTied === false ? 0 : last > 2 ? 2 : last === 2 ? 1 : 0
  const half = Math.floor(last / 2)
  const everySecond = (from: number, to: number): number[] =>
    Array.from({ length: Math.max(Math.ceil((to - from) / 2), 0) }, (_, i) => from + 2 * i)
  if (dola_layers === 'low') return begin === half ? [begin] : everySecond(begin, last <= 40 ? half : 20)
  if (dola_layers === 'high') return last <= 40 ? everySecond(half, last) : everySecond(last - 20, last)
  const chosen = (dola_layers as readonly number[]).filter(layer => layer < last)
  if (chosen.length > 0) return chosen
  throw new ConfigError('GENERATION_VALUE', `generate: dola_layers must name layers below ${last}`, {
    option: 'dola_layers',
  })
}

/**
 * Log-probabilities of the last layer less those of the layer that differs most from it; unlikely tokens are forbidden.
 */
function contrasted(run: Run, { logits, hidden_states }: StepOutput, layers: readonly number[]): Float32Array {
  const { vocabulary: V, rows, parts } = run
  const early = layers.map(layer => parts.model.head!(lastVectors(hidden_states![layer]!), rows.count))
  const last = byRow(logits, V)
  const [first] = early
  const distances = early.map(scores => byRow(scores, V).reduce((sum, row, i) => sum + distance(last[i]!, row), 0))
  const base = early[argmaxOf(Float32Array.from(distances))] ?? first!
  const out = new Float32Array(logits.length)
  for (const [i, row] of byRow(base, V).entries()) out.set(difference(last[i]!, row), i * V)
  return out
}

function lastVectors(layer: { dims3(): [number, number, number]; data: ArrayLike<number> }): Float32Array {
  const [rows, T, C] = layer.dims3()
  const values = Float32Array.from(layer.data)
  const out = new Float32Array(rows * C)
  for (let row = 0; row < rows; row++) out.set(values.subarray(((row + 1) * T - 1) * C, (row + 1) * T * C), row * C)
  return out
}

function byRow(scores: Float32Array, V: number): Float32Array[] {
  return Array.from({ length: scores.length / V }, (_, row) => scores.subarray(row * V, (row + 1) * V))
}

/** How far two distributions are apart, in the measure of Hugging Face: cross terms of their mean with each. */
function distance(a: Float32Array, b: Float32Array): number {
  const [logA, logB] = [logSoftmaxOf(a), logSoftmaxOf(b)]
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const mean = 0.5 * (Math.exp(logA[i]!) + Math.exp(logB[i]!))
    if (mean > 0) sum += 0.5 * mean * (2 * Math.log(mean) - logA[i]! - logB[i]!)
  }
  return sum / a.length
}

/** Tokens below a tenth of the likeliest one's probability are forbidden. */
function difference(last: Float32Array, base: Float32Array): Float32Array {
  const [a, b] = [logSoftmaxOf(last), logSoftmaxOf(base)]
  const bar = Math.fround(a[argmaxOf(a)]! + Math.log(0.1))
  return a.map((score, i) => (score < bar ? -Infinity : score - b[i]!))
}
