// Pipelines give Hugging Face's results on every recorded call.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  type Backend,
  BertTokenizer,
  BertTokenizerFast,
  GenerationConfig,
  pipeline,
  set_seed,
  type Task,
  VitrineError,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { golden, goldenPath } from '../golden.ts'
import { expectSame } from './same.ts'

interface Case {
  readonly task: Task
  readonly model: string
  readonly tokenizer: 'BertTokenizer' | 'BertTokenizerFast'
  readonly inputs: unknown
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly aggregation_strategy?: string
  /** Of the pipeline; fields for config.json and generation_config.json; of the tokenizer. */
  readonly options?: object
  readonly config?: object
  readonly generation_config?: object
  readonly tokenizer_options?: object
  readonly pooling?: string
  readonly normalize?: boolean
  readonly seed?: number
  readonly outputs: unknown
}

const tokenizers = { BertTokenizer, BertTokenizerFast }
const casesOf = (name: string) => golden<{ cases: readonly Case[] }>(`pipelines/${name}.json`).cases

/** The code of the error that stands here for one of Hugging Face's. */
const codes: readonly (readonly [error: RegExp, code: string])[] = [
  [/^PipelineException: No mask_token/, 'NO_MASK'],
  [/^IndexError: index out of range/, 'TOO_LONG'],
  [/^ValueError: (We cannot use `hole`|We cannot infer)/, 'TOO_LONG'],
  [/^ValueError: The pipeline received invalid inputs/, 'TEXT_TYPE'],
  [/^ValueError: Cannot use chat template/, 'TEXT_TYPE'],
  [/^ValueError: (Slow tokenizers|is_split_into_words|.*using a slow tokenizer)/, 'SLOW_TOKENIZER'],
  [/^ValueError: .* cannot be empty/, 'EMPTY_INPUT'],
  [/^ValueError: You must include at least one label/, 'EMPTY_INPUT'],
  [/^Exception: Truncation error/, 'TRUNCATION'],
  [/^ValueError/, 'OPTION_VALUE'],
]

async function expectError(output: () => Promise<unknown>, error: string): Promise<void> {
  const code = codes.find(([pattern]) => pattern.test(error))?.[1]
  const failure = await output().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(failure, `an error in the place of ${error}`).toBeInstanceOf(VitrineError)
  expect((failure as VitrineError).code, error).toBe(code)
}

/** Hugging Face's result, but for where pipelines here are meant to give another form. */
function wantedOf({ task, inputs, kwargs, pooling, outputs }: Case, actual: unknown): unknown {
  const isOne = Array.isArray(inputs) && inputs.length === 1
  // A list gives a list.
  if (task === 'fill-mask' && isOne) return [outputs]
  // Vectors of padding are left out.
  if (task === 'feature-extraction' && !pooling && 'batch_size' in kwargs) {
    return (outputs as unknown[][][]).map(([tokens], i) => [tokens!.slice(0, (actual as unknown[][][])[i]![0]!.length)])
  }
  return outputs
}

/** The folder, or a copy with other fields in its files. */
function folderOf({ model, config, generation_config }: Case): string {
  const folder = goldenPath(model)
  if (!config && !generation_config) return folder
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  for (const [name, fields] of Object.entries({ config, generation_config })) {
    if (!fields) continue
    const path = join(copy, `${name}.json`)
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...fields }))
  }
  return copy
}

/** Options that are objects and stand as their fields in the file. */
function objectsOf({ kwargs: { generation_config } }: Case): object {
  return generation_config ? { generation_config: new GenerationConfig(generation_config) } : {}
}

test('there are enough cases', () => {
  expect(casesOf('pipelines').length).toBeGreaterThanOrEqual(96)
  expect(casesOf('options').length).toBeGreaterThanOrEqual(230)
})

/** What a case's pipeline is made of: cases that agree in it are calls of the same one. */
function makingOf({
  inputs: _,
  kwargs: _options,
  pooling: _pooling,
  normalize: _normal,
  outputs: _results,
  ...making
}: Case): string {
  return JSON.stringify(making)
}

async function pipelineOf(item: Case, backend: Backend) {
  const { task, aggregation_strategy, options, seed } = item
  const folder = folderOf(item)
  const tokenizer = await tokenizers[item.tokenizer].from_pretrained(folder, item.tokenizer_options)
  const strategy = aggregation_strategy === undefined ? {} : { aggregation_strategy }
  if (seed !== undefined) set_seed(seed)
  return await pipeline(task, folder, tokenizer, { backend, ...strategy, ...options } as { backend: Backend })
}

onPlainBackends('pipelines', (backend, name) => {
  const made = new Map<string, ReturnType<typeof pipelineOf>>()
  afterAll(async () => {
    for (const pipe of await Promise.allSettled(made.values())) if (pipe.status === 'fulfilled') pipe.value.dispose()
  })

  async function run(item: Case): Promise<void> {
    const { pooling, normalize, seed } = item
    const answer = async (): Promise<unknown> => {
      const making = makingOf(item)
      const promise = made.get(making) ?? pipelineOf(item, backend)
      made.set(making, promise)
      const pipe = await promise
      const pool = { ...(pooling && { pooling }), ...(normalize && { normalize }) }
      if (seed !== undefined) set_seed(seed)
      return await Reflect.apply(pipe, undefined, [item.inputs, { ...item.kwargs, ...objectsOf(item), ...pool }])
    }
    if (typeof item.outputs === 'object' && item.outputs !== null && 'error' in item.outputs) {
      await expectError(answer, String(item.outputs.error))
    } else {
      const actual = await answer()
      expectSame(actual, wantedOf(item, actual), item.task)
    }
  }

  // The shipped models are too large for a back end that is made to be read.
  const files = ['pipelines', 'options', ...(name === 'reference' ? [] : ['shipped'])]
  for (const file of files) {
    test.each(
      casesOf(file).map(
        (item, i) => [`${file} ${i}: ${item.task} ${item.model} ${JSON.stringify(item.kwargs)}`, item] as const,
      ),
    )('%s', (_, item) => run(item))
  }
})
