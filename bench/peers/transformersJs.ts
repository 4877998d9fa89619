// @huggingface/transformers: its own classes and its own generate(), on the fused graph.
import { basename, dirname } from 'node:path'
import type { Engine, EngineOptions, Peer } from './engine.ts'
import { importPeer, notInstalled, versionIn } from './installed.ts'
import { writeOnnx } from './onnxruntime.ts'

/** What is used of the package. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string }
  readonly GPT2LMHeadModel: ModelClass
  readonly BertModel: ModelClass
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => JsTensor
}
interface ModelClass {
  from_pretrained(name: string, options: Record<string, unknown>): Promise<Model>
}
interface Model {
  (inputs: Record<string, JsTensor>): Promise<Record<string, JsTensor>>
  generate(options: Record<string, unknown>): Promise<unknown>
  dispose(): Promise<unknown>
}
interface JsTensor {
  readonly data: Float32Array | BigInt64Array
}

export const transformersJs: Peer = {
  name: 'transformers.js',
  models: ['gpt2', 'bert'],
  dtypes: ['float32', 'int8'],
  missing: () => notInstalled('transformers'),
  prepare: writeOnnx,
  open,
}

async function open({ folder, model, dtype, threads }: EngineOptions): Promise<Engine> {
  const library = await importPeer<Transformers>('transformers')
  library.env.allowRemoteModels = false
  library.env.localModelPath = dirname(folder)
  const type = model === 'gpt2' ? library.GPT2LMHeadModel : library.BertModel
  const loaded = await type.from_pretrained(basename(folder), {
    dtype: dtype === 'int8' ? 'q8' : 'fp32',
    device: 'cpu',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  })
  const filled = (rows: readonly (readonly number[])[], of: (id: number) => number) =>
    new library.Tensor(
      'int64',
      BigInt64Array.from(rows.flat(), id => BigInt(of(id))),
      [rows.length, rows[0]?.length ?? 0],
    )
  const inputs = (rows: readonly (readonly number[])[]) => ({
    input_ids: filled(rows, id => id),
    attention_mask: filled(rows, () => 1),
  })
  return {
    about: `@huggingface/transformers ${versionIn('transformers', '@huggingface/transformers')}, fused graph`,
    lastLogits: async ids => numbersOf((await loaded(inputs([ids]))).logits),
    hidden: async rows =>
      numbersOf((await loaded({ ...inputs(rows), token_type_ids: filled(rows, () => 0) })).last_hidden_state),
    async generate(ids, count, each) {
      // The first call brings the prompt.
      let isPrompt = true
      const put = ([row]: bigint[][]) => {
        if (!isPrompt && row?.[0] !== undefined) each(Number(row[0]))
        isPrompt = false
      }
      const streamer = { put, end: () => {} }
      await loaded.generate({ ...inputs([ids]), max_new_tokens: count, do_sample: false, streamer })
    },
    close: async () => void (await loaded.dispose()),
  }
}

function numbersOf(tensor: JsTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data
  throw new Error('transformers.js gave no float32 numbers')
}
