// Every option and method of the four classes gives what Hugging Face's gives, on the recorded calls.
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { AddedToken, type AddedTokenFlags, type BatchEncoding, type PreTrainedTokenizer } from '../../src/index.ts'
import { golden } from '../golden.ts'
import { classes, type Fields, type RecordedCall, type RecordedTokenizer } from './recorded.ts'

interface Call extends RecordedCall {
  readonly places?: readonly Places[]
}

/** What a row of a fast tokenizer's encoding knows. */
interface Places {
  readonly tokens: string[]
  readonly word_ids: (number | null)[]
  readonly sequence_ids: (number | null)[]
  readonly [method: string]: readonly unknown[]
}

interface Recorded extends RecordedTokenizer<Call> {
  readonly added: { readonly flagged?: readonly [string, AddedTokenFlags][]; readonly counts?: number[] }
  readonly facts: Fields
}

beforeAll(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

/** What stands for Hugging Face's errors here. */
const codes: readonly (readonly [message: string, code: string])[] = [
  ['Not possible to return overflowing tokens', 'OPTION_VALUE'],
  ['Truncation and padding are both activated', 'OPTION_VALUE'],
  ['sometimes is not a valid', 'OPTION_VALUE'],
  ['`stride` must be strictly less', 'OPTION_VALUE'],
  ['Truncation error', 'TRUNCATION'],
  ['You need to instantiate GPT2TokenizerFast', 'PREFIX_SPACE'],
  ['Asking to pad', 'NO_SPECIAL_TOKEN'],
  ['You should supply an encoding', 'PAD_INPUTS'],
]

/** Methods whose keyword arguments are positional here. */
const positional: Readonly<Record<string, (args: readonly unknown[], kwargs: Fields) => readonly unknown[]>> = {
  convert_ids_to_tokens: ([ids], { skip_special_tokens }) => [ids, skip_special_tokens],
  get_special_tokens_mask: ([ids, pair], { already_has_special_tokens }) => [ids, pair, already_has_special_tokens],
}

function run(tokenizer: PreTrainedTokenizer, { method, args, kwargs }: Call): unknown {
  if (method === '__call__') return Reflect.apply(tokenizer, undefined, [...args, kwargs])
  const given = positional[method]?.(args, kwargs) ?? (Object.keys(kwargs).length > 0 ? [...args, kwargs] : args)
  return Reflect.apply(Reflect.get(tokenizer, method), tokenizer, given)
}

function check(tokenizer: PreTrainedTokenizer, call: Call): void {
  const what = JSON.stringify([call.method, call.args, call.kwargs])
  const { error } = call
  if (error !== undefined) {
    const code = codes.find(([message]) => error.includes(message))?.[1]
    expect(code, error).toBeDefined()
    expect(() => run(tokenizer, call), what).toThrow(expect.objectContaining({ code }))
    return
  }
  const out = run(tokenizer, call)
  expect(typeof out === 'object' && !Array.isArray(out) ? { ...out } : out, what).toEqual(call.out)
  for (const [row, places] of (call.places ?? []).entries()) checkPlaces(out as BatchEncoding, row, places, what)
}

function checkPlaces(encoding: BatchEncoding, row: number, places: Places, what: string): void {
  const { tokens, word_ids, sequence_ids, ...methods } = places
  expect([encoding.tokens(row), encoding.word_ids(row), encoding.sequence_ids(row)], what).toEqual([
    tokens,
    word_ids,
    sequence_ids,
  ])
  for (const [method, wanted] of Object.entries(methods)) {
    const ask = (...args: number[]): unknown =>
      plain(Reflect.apply(Reflect.get(encoding, method), encoding, [row, ...args]))
    const own = wanted.map((value, i) =>
      method.startsWith('token_') ? ask(i) : (value as unknown[]).map((_, place) => ask(place, i)),
    )
    expect(own, `${method} ${what}`).toEqual(wanted)
  }
}

/** Python's tuples of a start and an end are lists in the file, and its None is null. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.values(value) : (value ?? null)
}

const recorded = ['bert', 'gpt2'].flatMap(
  kind => golden<{ tokenizers: readonly Recorded[] }>(`tokenizers/calls-${kind}.json`).tokenizers,
)

test('all classes are there', () => {
  expect(recorded.map(item => item.calls.length).every(count => count > 200)).toBe(true)
  expect(new Set(recorded.map(item => item.class)).size).toBe(4)
})

describe.each(recorded.map(item => [`${item.class} ${JSON.stringify(item.kwargs)}`, item] as const))(
  '%s',
  (_, item) => {
    const tokenizer: PreTrainedTokenizer = classes[item.class](item.kwargs)
    const { flagged = [], counts } = item.added

    test('adds tokens', () => {
      if (!counts) return
      expect([
        tokenizer.add_tokens(flagged.map(([content, flags]) => new AddedToken(content, flags))),
        tokenizer.add_tokens(['plain', 'hello']),
        tokenizer.add_tokens(['<sp>'], true),
        tokenizer.add_special_tokens({ additional_special_tokens: ['<a>', '<b>'], pad_token: '<p>' }),
      ]).toEqual(counts)
    })

    test('properties', () => {
      const { len, repr, added_vocab, ...facts } = item.facts
      // What Python's libraries take for no limit is Infinity here.
      const wanted = Object.entries(facts).map(([name, fact]) => [name, fact === 1e30 ? Infinity : fact])
      const own = Object.keys(facts).map(name => [name, Reflect.get(tokenizer, name) ?? null])
      expect(own).toEqual(wanted)
      expect([tokenizer.length, `${tokenizer}`]).toEqual([len, repr])
      expect(Object.fromEntries(tokenizer.get_added_vocab())).toEqual(added_vocab)
    })

    const methods = [...new Set(item.calls.map(({ method }) => method))]
    test.each(methods)('%s', method => {
      for (const call of item.calls) if (call.method === method) check(tokenizer, call)
    })
  },
)
