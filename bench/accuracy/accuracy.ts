// What smaller weights cost: perplexity, cosine and first choices of each kind against float32.
import { openBackend } from 'vitrine'
import { table } from '../harness/table.ts'
import { dtypeNames, type EngineDType } from '../peers/engine.ts'
import { absent, cosineOf, type Judged, judgedModels, type Output } from './models.ts'

export interface Verdict {
  readonly model: string
  readonly dtype: EngineDType
  /** Bytes of the back end's memory while the model is loaded, as a share of float32's. */
  readonly memory: number
  readonly perplexity?: number
  /** Cosine of the angle to float32's numbers: the mean and the least of all rows. */
  readonly cosine: number
  readonly leastCosine: number
  /** Share of rows whose largest number is at the same place. */
  readonly sameFirst: number
  /** Whether the mean cosine is what this kind of weights must reach. */
  readonly isGood: boolean
}

export interface NoVerdict {
  readonly model: string
  readonly dtype: EngineDType
  readonly reason: string
}

/** The least mean cosine that a kind of weights must reach. */
const leastCosines: Readonly<Record<EngineDType, number>> = {
  float32: 1,
  float16: 0.99999,
  bfloat16: 0.9999,
  int8: 0.999,
  q4: 0.99,
}

/** Judges every model and kind of weights; what cannot be is told with its reason. */
export async function judgeAll(dtypes: readonly EngineDType[]): Promise<(Verdict | NoVerdict)[]> {
  const verdicts: (Verdict | NoVerdict)[] = []
  for (const model of judgedModels) {
    const reason = absent(model)
    if (reason === undefined) verdicts.push(...(await judge(model, dtypes)))
    else verdicts.push({ model: model.name, dtype: 'float32', reason })
  }
  return verdicts
}

async function judge(model: Judged, dtypes: readonly EngineDType[]): Promise<(Verdict | NoVerdict)[]> {
  const whole = await outputsOf(model, 'float32')
  const verdicts: (Verdict | NoVerdict)[] = []
  for (const dtype of dtypeNames.filter(name => dtypes.includes(name))) {
    try {
      const outputs = dtype === 'float32' ? whole : await outputsOf(model, dtype)
      verdicts.push(verdictOf(model, dtype, outputs, whole))
    } catch (error) {
      verdicts.push({ model: model.name, dtype, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return verdicts
}

interface Outputs {
  readonly texts: readonly Output[]
  readonly bytes: number
}

async function outputsOf(model: Judged, dtype: EngineDType): Promise<Outputs> {
  using backend = await openBackend('wasm')
  let bytes = 0
  const texts = await model.run(backend, dtype, () => {
    bytes = backend.bytes
  })
  return { texts, bytes }
}

function verdictOf(model: Judged, dtype: EngineDType, { texts, bytes }: Outputs, whole: Outputs): Verdict {
  const rows = texts.flatMap(({ values, width }) => rowsOf(values, width))
  const wholeRows = whole.texts.flatMap(({ values, width }) => rowsOf(values, width))
  const cosines = model.asOneRow
    ? [cosineOf(joined(rows), joined(wholeRows))]
    : rows.map((row, r) => cosineOf(row, wholeRows[r]!))
  const [choices, wanted] = [texts, whole.texts].map(model.choices ?? largestOfRows) as [number[], number[]]
  const cosine = meanOf(cosines)
  const losses = texts.flatMap(({ loss }) => loss ?? [])
  const tokens = losses.reduce((sum, loss) => sum + loss.tokens, 0)
  return {
    ...{ model: model.name, dtype, memory: bytes / whole.bytes, cosine, leastCosine: Math.min(...cosines) },
    ...(tokens > 0 && { perplexity: Math.exp(losses.reduce((sum, loss) => sum + loss.sum, 0) / tokens) }),
    sameFirst: meanOf(choices.map((choice, i) => Number(choice === wanted[i]))),
    isGood: cosine >= leastCosines[dtype] - 1e-9,
  }
}

function largestOfRows(texts: readonly Output[]): number[] {
  return texts.flatMap(({ values, width }) =>
    rowsOf(values, width).map(row => row.indexOf(row.reduce((a, b) => Math.max(a, b), -Infinity))),
  )
}

function rowsOf(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, r) => values.subarray(r * width, (r + 1) * width))
}

function joined(rows: readonly Float32Array[]): Float32Array {
  return Float32Array.from(rows.flatMap(row => [...row]))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** The verdicts as a table. */
export function accuracyText(verdicts: readonly (Verdict | NoVerdict)[], form: 'terminal' | 'markdown'): string {
  const head = ['model', 'dtype', 'memory', 'perplexity', 'mean cosine', 'least cosine', 'same first', 'enough']
  const rows = verdicts.map(verdict => {
    if ('reason' in verdict) return [verdict.model, verdict.dtype, '', '', '', '', '', `not judged: ${verdict.reason}`]
    const { model, dtype, memory, perplexity, cosine, leastCosine, sameFirst, isGood } = verdict
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    const figures = [
      percent(memory),
      perplexity?.toFixed(2) ?? '',
      cosine.toFixed(6),
      leastCosine.toFixed(6),
      percent(sameFirst),
    ]
    return [model, dtype, ...figures, isGood ? 'yes' : `NO, ${leastCosines[dtype]} is wanted`]
  })
  const compared = judgedModels.map(({ name, compared: what }) => `${name}: ${what}`).join('; ')
  return `${table(head, rows, form)}\n\nCompared with float32: ${compared}.\n`
}
