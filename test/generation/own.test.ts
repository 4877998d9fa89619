// Processors, criteria and streamers of one's own: every form in which transformers and transformers.js have them.
import { expect, test } from 'vitest'
import {
  BaseStreamer,
  type GenerationOptions,
  GPT2LMHeadModel,
  LogitsProcessor,
  LogitsProcessorList,
  MinLengthLogitsProcessor,
  type ProcessorInput,
  StoppingCriteria,
  StoppingCriteriaList,
  type Streamer,
  SuppressTokensLogitsProcessor,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { type GoldenTensor, golden, goldenPath, nestedOf } from '../golden.ts'
import { run, runAll, ScriptedModel } from './scripted.ts'

const { own_processor } = golden<{
  own_processor: { input_ids: number[][]; max_new_tokens: number; sequences: GoldenTensor }
}>('generate/inputs.json')

class InPlace extends LogitsProcessor {
  override process({ logits }: ProcessorInput): void {
    for (const [i, score] of logits.entries()) logits[i] = -score
  }
}

class ByCall extends LogitsProcessor {
  override _call(_ids: readonly ArrayLike<number>[], scores: readonly Float32Array[]) {
    return scores.map(row => row.map(score => -score))
  }
}

const negative = (logits: Float32Array) => logits.map(score => -score)
const unlikeliest: readonly [string, unknown][] = [
  ['a function that returns scores', ({ logits }: ProcessorInput) => negative(logits)],
  ['a function that returns a plain array', ({ logits }: ProcessorInput) => Array.from(negative(logits))],
  ['a function of ids and scores', (_ids: unknown, scores: Float32Array[]) => scores.map(negative)],
  ['a subclass with process()', new InPlace()],
  ['a subclass with _call()', new ByCall()],
  [
    'an object with _call() that writes into data',
    { _call: (_ids: unknown, [row]: { data: Float32Array }[]) => flip(row!.data) },
  ],
  ['a list', new LogitsProcessorList([new InPlace(), new ByCall(), new InPlace()])],
]

function flip(scores: Float32Array): void {
  for (const [i, score] of scores.entries()) scores[i] = -score
}

onPlainBackends("a processor of one's own", backend => {
  test.each(unlikeliest)('%s gives what it gives in Hugging Face', async (_, processor) => {
    using model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
    const options = { do_sample: false, eos_token_id: null, max_new_tokens: own_processor.max_new_tokens }
    const logits_processor = processor as NonNullable<GenerationOptions['logits_processor']>
    using found = await model.generate(own_processor.input_ids, { ...options, logits_processor })
    expect(found.tolist()).toEqual(nestedOf(own_processor.sequences))
  })
})

const three = (): ScriptedModel => new ScriptedModel([[0, 1, 2, 5, 3, 4]])

test('what is returned must be scores; what an arrow function assigned is no result', async () => {
  const assigned: GenerationOptions['logits_processor'] = ({ logits }) => (logits[3] = -Infinity)
  expect((await run(three(), [[1]], { max_new_tokens: 1, logits_processor: assigned })).rows).toEqual([[1, 5]])
  for (const wrong of [new Float32Array(5), [1, 2], {}, Promise.resolve(), ['a', 1, 2, 3, 4, 5]]) {
    const options = { max_new_tokens: 1, logits_processor: () => wrong }
    await expect(runAll(three(), [[1]], options)).rejects.toMatchObject({ code: 'PROCESSOR_RESULT' })
  }
})

test('the classes of processors and criteria can be extended, asked and put in lists', async () => {
  const built = new SuppressTokensLogitsProcessor([1])
  expect(built).toBeInstanceOf(LogitsProcessor)
  expect(built._call([[0]], [Float32Array.of(1, 2, 3)])).toEqual([Float32Array.of(1, -Infinity, 3)])
  const list = new LogitsProcessorList([built])
  list.extend([new MinLengthLogitsProcessor(3, 0), ({ logits }) => logits.map(score => score + 1)])
  expect(list).toHaveLength(3)
  expect(list.map(item => typeof item)).toEqual(['object', 'object', 'function'])
  expect(list._call([[0], [0, 1, 2]], [Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3)])).toEqual([
    Float32Array.of(-Infinity, -Infinity, 4),
    Float32Array.of(2, -Infinity, 4),
  ])
  class Nothing extends LogitsProcessor {}
  const silent = { max_new_tokens: 1, logits_processor: new Nothing() }
  await expect(runAll(three(), [[1]], silent)).rejects.toMatchObject({ code: 'NOT_WRITTEN' })
  expect(() => new Nothing()._call([[0]], [new Float32Array(1)])).toThrow(
    expect.objectContaining({ code: 'NOT_WRITTEN' }),
  )
})

test('criteria: subclasses with stop() or _call(), functions of ids and scores, lists', async () => {
  class Stop extends StoppingCriteria {
    override stop({ ids }: { ids: readonly Int32Array[] }) {
      return ids.map(row => row.length >= 3)
    }
  }
  class Call extends StoppingCriteria {
    override _call(ids: readonly ArrayLike<number>[]) {
      return ids.map(row => row.length >= 3)
    }
  }
  const two = (ids: ArrayLike<number>[], _scores: unknown) => ids.map(row => row.length >= 3)
  const never = () => false
  for (const stopping_criteria of [new Stop(), new Call(), two, new StoppingCriteriaList([never, new Call()])]) {
    const options = { max_new_tokens: 5, stopping_criteria: stopping_criteria as StoppingCriteria }
    expect((await run(three(), [[1], [2]], options)).rows).toEqual([
      [1, 3, 3],
      [2, 3, 3],
    ])
  }
  expect(new StoppingCriteriaList([new Stop(), never])._call([[1, 2, 3], [1]])).toEqual([true, false])
  expect(new Call().stop({ ids: [Int32Array.of(1)], step: 0 })).toEqual([false])
  class Nothing extends StoppingCriteria {}
  const silent = { max_new_tokens: 1, stopping_criteria: new Nothing() }
  await expect(runAll(three(), [[1]], silent)).rejects.toMatchObject({ code: 'NOT_WRITTEN' })
})

test('streamers: BaseStreamer can be extended, others need put() and end(), all hear of faults before the first token', async () => {
  class Log extends BaseStreamer implements Streamer {
    readonly heard: unknown[] = []
    override put(rows: readonly (readonly number[])[]): void {
      this.heard.push(rows)
    }
    override end(): void {
      this.heard.push('end')
    }
    fail(error: unknown): void {
      this.heard.push(error)
    }
  }
  const log = new Log()
  await run(three(), [[1]], { max_new_tokens: 1, streamer: log })
  expect(log.heard).toEqual([[[1]], [[3]], 'end'])
  for (const options of [{ max_new_tokens: -1 }, { num_beams: 2 }]) {
    const streamer = new Log()
    const failing = runAll(three(), [[1]], { ...options, streamer })
    await expect(failing).rejects.toMatchObject({ name: 'ConfigError' })
    expect(streamer.heard).toEqual([await failing.catch(error => error)])
  }
  class Nothing extends BaseStreamer {}
  await expect(runAll(three(), [[1]], { streamer: new Nothing() })).rejects.toMatchObject({ code: 'NOT_WRITTEN' })
  for (const streamer of [{}, 3, { put() {} }]) {
    const wrong = runAll(three(), [[1]], { streamer: streamer as never })
    await expect(wrong).rejects.toMatchObject({ code: 'GENERATION_VALUE', fields: { option: 'streamer' } })
  }
})
