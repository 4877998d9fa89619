// onnxruntime-node on the fused graph, with the keys and values handed from step to step.
import { join } from 'node:path'
import { parseConfig } from './config.ts'
import type { Engine, EngineOptions, Peer } from './engine.ts'
import { convert, importPeer, notInstalled, versionIn } from './installed.ts'

/** What is used of the package. */
interface OnnxRuntime {
  readonly InferenceSession: { create(path: string, options: Record<string, unknown>): Promise<Session> }
  readonly Tensor: new (
    type: 'int64' | 'float32',
    data: BigInt64Array | Float32Array,
    dims: readonly number[],
  ) => OrtTensor
}
interface Session {
  readonly outputNames: readonly string[]
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
  release(): Promise<void>
}
interface OrtTensor {
  readonly data: BigInt64Array | Float32Array
}

export const onnxruntime: Peer = {
  name: 'onnxruntime',
  models: ['gpt2', 'bert'],
  dtypes: ['float32', 'int8'],
  missing: () => notInstalled('onnxruntime'),
  prepare: writeOnnx,
  open,
}

/** Writes the graph, and the dynamic int8 of it where that is asked for. */
export function writeOnnx({ folder, dtype }: EngineOptions): void {
  convert('onnx_graph.py', [folder, '--dtype', dtype === 'int8' ? 'q8' : 'fp32'])
}

async function open({ folder, model, dtype, threads }: EngineOptions): Promise<Engine> {
  const ort = await importPeer<OnnxRuntime>('onnxruntime')
  const path = join(folder, 'onnx', dtype === 'int8' ? 'model_quantized.onnx' : 'model.onnx')
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: threads, interOpNumThreads: 1 })
  const about = `onnxruntime-node ${versionIn('onnxruntime', 'onnxruntime-node')}, fused graph`
  const tokens = (rows: readonly (readonly number[])[]) =>
    new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0])
  const close = () => session.release()
  if (model === 'bert') {
    const hidden = async (rows: readonly (readonly number[])[]) => {
      const zeros = tokens(rows.map(row => row.map(() => 0)))
      const output = await session.run({ input_ids: tokens(rows), token_type_ids: zeros })
      return numbersOf(output.last_hidden_state)
    }
    return { about, hidden, close }
  }
  const { n_layer, n_head, n_embd } = parseConfig(folder)
  const empty = new ort.Tensor('float32', new Float32Array(0), [1, n_head, 0, n_embd / n_head])
  const step = (ids: readonly number[], past: Record<string, OrtTensor> | undefined, begin: number) => {
    const feeds: Record<string, OrtTensor> = {
      input_ids: tokens([ids]),
      position_ids: tokens([ids.map((_, t) => begin + t)]),
    }
    for (let layer = 0; layer < n_layer; layer++) {
      for (const part of ['key', 'value']) {
        feeds[`past_key_values.${layer}.${part}`] = past?.[`present.${layer}.${part}`] ?? empty
      }
    }
    return session.run(feeds)
  }
  return {
    about,
    lastLogits: async ids => numbersOf((await step(ids, undefined, 0)).logits),
    async generate(ids, count, each) {
      let output = await step(ids, undefined, 0)
      for (let n = 0; ; n++) {
        const token = argmax(numbersOf(output.logits))
        each(token)
        if (n + 1 === count) return
        output = await step([token], output, ids.length + n)
      }
    },
    close,
  }
}

function numbersOf(tensor: OrtTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data
  throw new Error('onnxruntime gave no float32 numbers')
}

/** The place of the largest number. */
export function argmax(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
