// Streamers hand out text in Hugging Face's pieces, print it, or are read while generate() runs; several rows apart.
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type BaseStreamer,
  BertTokenizer,
  GPT2LMHeadModel,
  TextIteratorStreamer,
  TextStreamer,
  type TextStreamerOptions,
} from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'
import { favour, run, runAll, ScriptedModel } from './scripted.ts'

interface StreamerCase {
  readonly prompt: readonly number[]
  readonly tokens: readonly number[]
  readonly options: TextStreamerOptions
  readonly pieces: readonly string[]
}

const { cases } = golden<{ cases: readonly StreamerCase[] }>('generate/streamers.json')
let tokenizer: BertTokenizer
beforeAll(async () => {
  tokenizer = await BertTokenizer.from_pretrained(goldenPath('weights/gpt2-lm'))
})
afterEach(() => vi.restoreAllMocks())

class Pieces extends TextStreamer {
  readonly pieces: string[] = []
  override on_finalized_text(text: string): void {
    this.pieces.push(text)
  }
}

test.each(cases.map((item, i) => [i, JSON.stringify(item.options), item] as const))('case %i, %s', (_, __, item) => {
  const streamer = new Pieces(tokenizer, item.options)
  streamer.put([item.prompt])
  for (const token of item.tokens) streamer.put([[token]])
  streamer.end()
  expect(streamer.pieces).toEqual(item.pieces)
})

test('without a function the text is printed, with a line break at the end', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const streamer = new TextStreamer(tokenizer, { skip_prompt: true })
  streamer.put([[5]])
  for (const token of [176, 177]) streamer.put([[token]])
  streamer.end()
  expect(write.mock.calls.map(([text]) => text)).toEqual(['hello ', 'world\n'])
})

test('the functions get text and tokens with the number of their row', () => {
  const texts: unknown[] = []
  const tokens: unknown[] = []
  const streamer = new TextStreamer(tokenizer, {
    skip_prompt: true,
    callback_function: (text, row) => texts.push([row, text]),
    token_callback_function: (ids, row) => tokens.push([row, ...ids]),
  })
  streamer.put([[5], [5]])
  streamer.put([[176], [75]])
  streamer.put([[177], []])
  streamer.end()
  expect(texts).toEqual([
    [1, '人'],
    [0, 'hello '],
    [0, 'world'],
  ])
  expect(tokens).toEqual([
    [0, 176],
    [1, 75],
    [0, 177],
  ])
})

test('several rows are not printed into each other', () => {
  const streamer = new TextStreamer(tokenizer)
  expect(() => streamer.put([[176], [177]])).toThrow(expect.objectContaining({ code: 'STREAMER_ROWS' }))
})

test('compact text has no spaces between Chinese characters', () => {
  const texts: string[] = []
  const streamer = new TextStreamer(tokenizer, { compact: true, callback_function: text => texts.push(text) })
  streamer.put([[75]])
  streamer.put([[76]])
  streamer.end()
  expect(texts).toEqual(['人', '有'])
})

describe('generate() with a streamer', () => {
  const script = (ids: readonly number[]) => favour(ids[0] === 1 && ids.length > 2 ? 5 : 3)

  class Log implements BaseStreamer {
    readonly log: unknown[] = []
    put(rows: readonly (readonly number[])[]): void {
      this.log.push(rows)
    }
    end(): void {
      this.log.push('end')
    }
    fail(error: unknown): void {
      this.log.push(error)
    }
  }

  test('it gets the prompts, then the new tokens, none for rows that have ended', async () => {
    const streamer = new Log()
    await runAll(
      new ScriptedModel(script),
      [
        [1, 4],
        [2, 4],
      ],
      { streamer, max_new_tokens: 3, eos_token_id: 5 },
    )
    expect(streamer.log).toEqual([
      [
        [1, 4],
        [2, 4],
      ],
      [[3], [3]],
      [[5], [3]],
      [[], [3]],
      'end',
    ])
  })

  test('assisted decoding tells of each token', async () => {
    const streamer = new Log()
    await runAll(new ScriptedModel([favour(3)]), [[1]], { streamer, max_new_tokens: 3, prompt_lookup_num_tokens: 2 })
    expect(streamer.log).toEqual([[[1]], [[3]], [[3]], [[3]], 'end'])
  })

  test('it is told of a failure', async () => {
    const streamer = new Log()
    const broken = new ScriptedModel([favour(3), [0, Number.NaN, 0, 0, 0, 0]])
    await expect(runAll(broken, [[1]], { streamer })).rejects.toThrow('NaN')
    expect(streamer.log.at(-1)).toMatchObject({ code: 'NAN_LOGITS' })
    expect(streamer.log).not.toContain('end')
  })

  test('beams cannot be followed, neither by a streamer nor by stream()', async () => {
    const modes = [
      { num_beams: 2 },
      { num_beams: 2, do_sample: true },
      { num_beams: 2, num_beam_groups: 2, diversity_penalty: 1 },
      { num_beams: 2, force_words_ids: [[1]] },
    ]
    for (const options of modes) {
      const model = new ScriptedModel([favour(3)])
      await expect(runAll(model, [[1]], { ...options, streamer: new Log() })).rejects.toMatchObject({
        code: 'STREAM_BEAMS',
      })
      await expect(run(model, [[1]], options)).rejects.toMatchObject({ code: 'STREAM_BEAMS' })
      expect(model.asked).toHaveLength(0)
    }
  })
})

describe('TextIteratorStreamer', () => {
  const load = () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'))
  const options = { max_new_tokens: 8, eos_token_id: null }
  const decode = (ids: readonly number[]) => tokenizer.decode(ids)

  test('the pieces together are the answer, and come while it is made', async () => {
    using model = await load()
    const streamer = new TextIteratorStreamer(tokenizer, { skip_prompt: true })
    let isDone = false
    const running = model.generate([[5, 75]], { ...options, streamer }).then(ids => {
      isDone = true
      return ids.tolist() as number[][]
    })
    const pieces: string[] = []
    const early: boolean[] = []
    for await (const piece of streamer) {
      pieces.push(piece)
      early.push(!isDone)
    }
    expect(pieces.join('')).toBe(decode((await running)[0]!.slice(2)))
    expect(early[0]).toBe(true)
  })

  test('rows are read apart', async () => {
    using model = await load()
    const streamer = new TextIteratorStreamer(tokenizer, { skip_prompt: true })
    const running = model.generate(
      [
        [75, 76],
        [80, 81],
      ],
      { ...options, streamer, pad_token_id: 0 },
    )
    const read = async (row: number) => {
      let text = ''
      for await (const piece of streamer.row(row)) text += piece
      return text
    }
    const texts = await Promise.all([read(0), read(1)])
    expect(texts).toEqual(((await running).tolist() as number[][]).map(row => decode(row.slice(2))))
  })

  test('reading several rows as one is an error, for the reader and for generate()', async () => {
    using model = await load()
    const streamer = new TextIteratorStreamer(tokenizer)
    const reading = (async () => {
      for await (const _ of streamer);
    })()
    const running = model.generate([[75], [80]], { ...options, streamer, pad_token_id: 0 })
    await expect(
      Promise.all([reading.catch((error: unknown) => Promise.reject(error)), running]),
    ).rejects.toMatchObject({
      code: 'STREAMER_ROWS',
    })
    await expect(reading).rejects.toMatchObject({ code: 'STREAMER_ROWS' })
    await expect(running).rejects.toMatchObject({ code: 'STREAMER_ROWS' })
  })

  test('the reader gets the error of generate(), and the reason of an abort', async () => {
    using model = await load()
    const streamer = new TextIteratorStreamer(tokenizer)
    const signal = AbortSignal.abort(new Error('enough'))
    const running = model.generate([[75]], { ...options, streamer, signal })
    const reading = (async () => {
      for await (const _ of streamer);
    })()
    await expect(running).rejects.toThrow('enough')
    await expect(reading).rejects.toThrow('enough')
  })

  test('a reader does not wait for ever', async () => {
    const streamer = new TextIteratorStreamer(tokenizer, { timeout: 0.01 })
    await expect(streamer.row(0).next()).rejects.toMatchObject({ code: 'STREAMER_TIMEOUT' })
  })
})
