// Loads a model into tfjs-node and runs one of the two programs on it.
import { parseConfig } from './config.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { importPeer, versionIn } from './installed.ts'
import { argmax } from './onnxruntime.ts'
import { bert, gpt2, type Program, type TfCache } from './tfjsPlain.ts'
import { readWeights } from './weightsFile.ts'

export interface TfTensor {
  readonly shape: readonly number[]
  readonly dataId: object
  readonly dtype: string
  dataSync(): Float32Array
  dispose(): void
}
type Operand = TfTensor | number

/** What is used of tf. */
export interface TF {
  enableProdMode(): void
  tensor(values: Float32Array, shape: readonly number[]): TfTensor
  tensor1d(values: readonly number[], dtype: 'int32'): TfTensor
  tensor2d(values: readonly (readonly number[])[], shape: undefined, dtype: 'int32'): TfTensor
  ones(shape: readonly number[]): TfTensor
  add(a: Operand, b: Operand): TfTensor
  sub(a: Operand, b: Operand): TfTensor
  mul(a: Operand, b: Operand): TfTensor
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor
  moments(x: TfTensor, axis: number, keepDims: boolean): { mean: TfTensor; variance: TfTensor }
  rsqrt(x: TfTensor): TfTensor
  erf(x: TfTensor): TfTensor
  tanh(x: TfTensor): TfTensor
  softmax(x: TfTensor): TfTensor
  gather(x: TfTensor, indices: TfTensor): TfTensor
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor
  split(x: TfTensor, parts: number, axis: number): TfTensor[]
  concat(parts: readonly TfTensor[], axis: number): TfTensor
  reshape(x: TfTensor, shape: readonly number[]): TfTensor
  transpose(x: TfTensor, order?: readonly number[]): TfTensor
  readonly linalg: { bandPart(x: TfTensor, lower: number, upper: number): TfTensor }
  tidy<R>(body: () => R): R
  dispose(tensors: unknown): void
  backend(): unknown
}

/** The functions in which the two programs differ. */
export interface Recipes {
  /** x (rows, in) times w (in, out), plus b (out). */
  product(x: TfTensor, w: TfTensor, b: TfTensor): TfTensor
  norm(x: TfTensor, gain: TfTensor, shift: TfTensor, epsilon: number): TfTensor
  gelu(x: TfTensor): TfTensor
  geluTanh(x: TfTensor): TfTensor
}

/** TensorFlow reads its number of threads when it starts. oneDNN is on, as it is by default. */
export function tfEnvironment({ threads }: { readonly threads: number }): Record<string, string> {
  const count = String(threads)
  return {
    ...{ TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: count },
    ...{ TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: process.env.TF_ENABLE_ONEDNN_OPTS ?? '1' },
  }
}

/** A model in tfjs-node by the given recipes. */
export async function openTf(
  { folder, model }: EngineOptions,
  recipesOf: (tf: TF) => Recipes,
  what: string,
): Promise<Engine> {
  const { default: tf } = await importPeer<{ default: TF }>('tfjs')
  tf.enableProdMode()
  const weights = new Map<string, TfTensor>()
  for (const [name, { shape, values }] of readWeights(folder)) {
    const isTorchLinear = model === 'bert' && /(dense|query|key|value)\.weight$/.test(name)
    const tensor = tf.tensor(values, shape)
    weights.set(name, isTorchLinear ? tf.transpose(tensor) : tensor)
    if (isTorchLinear) tensor.dispose()
  }
  const w = (name: string) => {
    const tensor = weights.get(name)
    if (tensor) return tensor
    throw new Error(`${name} is not in the file`)
  }
  const program: Program = { tf, recipes: recipesOf(tf), config: parseConfig(folder), w }
  const oneDnn = process.env.TF_ENABLE_ONEDNN_OPTS === '0' ? 'off' : 'on'
  const about = `tfjs-node ${versionIn('tfjs', '@tensorflow/tfjs-node')}, ${what}, oneDNN ${oneDnn}`
  if (model === 'bert') return { about, hidden: rows => valuesOf(tf, () => bert(program, rows)) }
  return {
    about,
    lastLogits: ids => valuesOf(tf, () => gpt2(program, ids, [])[0]),
    async generate(ids, count, each) {
      let past: TfCache = []
      for (let n = 0, next = ids; n < count; n++) {
        const [scores, cache] = tf.tidy(() => gpt2(program, next, past))
        tf.dispose(past)
        past = cache
        const token = argmax(scores.dataSync())
        scores.dispose()
        each(token)
        next = [token]
      }
      tf.dispose(past)
    },
  }
}

function valuesOf(tf: TF, body: () => TfTensor): Float32Array {
  const result = tf.tidy(body)
  const values = result.dataSync()
  result.dispose()
  return values
}
