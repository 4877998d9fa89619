// llama.cpp through node-llama-cpp, on the CPU, from a GGUF file of the same weights.
import { join } from 'node:path'
import { parseConfig } from './config.ts'
import type { Engine, EngineDType, EngineOptions, Peer } from './engine.ts'
import { convert, importPeer, notInstalled, versionIn } from './installed.ts'

/** What is used of the package. */
interface NodeLlamaCpp {
  getLlama(options: Record<string, unknown>): Promise<Llama>
}
interface Llama {
  readonly llamaCppRelease: { readonly release: string }
  loadModel(options: { modelPath: string }): Promise<LlamaModel>
}
interface LlamaModel {
  createContext(options: {
    contextSize: number
    threads: number
    batchSize: number
  }): Promise<{ getSequence(): Sequence }>
  createEmbeddingContext(options: { contextSize: number; threads: number; batchSize: number }): Promise<{
    getEmbeddingFor(tokens: readonly number[]): Promise<{ vector: readonly number[] }>
  }>
}
interface Sequence {
  clearHistory(): Promise<void>
  evaluate(tokens: readonly number[], options: { temperature: number }): AsyncIterable<number>
  controlledEvaluate(
    input: readonly (number | [number, { generateNext: { probabilities: true } }])[],
  ): Promise<({ next: { probabilities?: ReadonlyMap<number, number> } } | undefined)[]>
}

/** llama.cpp's names of the types. */
const types: Partial<Record<EngineDType, string>> = { float32: 'f32', int8: 'q8_0', q4: 'q4_0' }

export const nodeLlamaCpp: Peer = {
  name: 'node-llama-cpp',
  models: ['gpt2', 'bert'],
  dtypes: ['float32', 'int8', 'q4'],
  missing: () => notInstalled('llama'),
  prepare: ({ folder, dtype }) => convert('gguf_file.py', [folder, '--dtype', types[dtype] ?? 'f32']),
  open,
}

async function open({ folder, model, dtype, threads, places }: EngineOptions): Promise<Engine> {
  const { getLlama } = await importPeer<NodeLlamaCpp>('llama')
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: threads, logLevel: 'error' })
  const loaded = await llama.loadModel({ modelPath: join(folder, `model-${types[dtype]}.gguf`) })
  const version = versionIn('llama', 'node-llama-cpp')
  const about = `node-llama-cpp ${version}, llama.cpp ${llama.llamaCppRelease.release}, ${types[dtype]}`
  const size = { contextSize: places, threads, batchSize: places }
  if (model === 'bert') {
    const context = await loaded.createEmbeddingContext(size)
    return {
      about,
      gives: { hidden: 'firstToken' },
      async hidden(rows) {
        const vectors = []
        for (const row of rows) vectors.push(...(await context.getEmbeddingFor(row)).vector)
        return Float32Array.from(vectors)
      },
    }
  }
  const sequence = (await loaded.createContext(size)).getSequence()
  const { vocab_size } = parseConfig(folder)
  return {
    about,
    gives: { lastLogits: 'logProbabilities' },
    async lastLogits(ids) {
      await sequence.clearHistory()
      const last = ids.length - 1
      const asked = ids.map((id, i) => (i === last ? ([id, { generateNext: { probabilities: true } }] as const) : id))
      const answers = await sequence.controlledEvaluate(
        asked as (number | [number, { generateNext: { probabilities: true } }])[],
      )
      const values = new Float32Array(vocab_size).fill(-Infinity)
      for (const [token, probability] of answers[last]?.next.probabilities ?? []) values[token] = Math.log(probability)
      return values
    },
    /** Probabilities come as a sorted map, which takes longer than the logits: timed is the prompt and the choice of a token. */
    async prefill(ids) {
      await sequence.clearHistory()
      for await (const _ of sequence.evaluate(ids, { temperature: 0 })) return
    },
    async generate(ids, count, each) {
      await sequence.clearHistory()
      let n = 0
      for await (const token of sequence.evaluate(ids, { temperature: 0 })) {
        each(token)
        if (++n === count) return
      }
    },
  }
}
