// Added tokens that become special, texts without tokens, words that stay whole and types of pairs are as Hugging Face recorded them.
import { beforeAll, expect, test, vi } from 'vitest'
import { AddedToken, type AddedTokenFlags, type PreTrainedTokenizer } from '../../src/index.ts'
import { golden } from '../golden.ts'
import { classes, type RecordedCall, type RecordedTokenizer } from './recorded.ts'

beforeAll(() => {
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})

/** A recorded argument, with added tokens in the place of what stands for them. */
function real(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(real)
  if (typeof value !== 'object' || value === null) return value
  if ('AddedToken' in value) return new AddedToken(...(value.AddedToken as [string, AddedTokenFlags]))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, real(item)]))
}

function run(tokenizer: PreTrainedTokenizer, { method, args, kwargs }: RecordedCall): unknown {
  const given = [...args.map(real), ...(Object.keys(kwargs).length > 0 ? [kwargs] : [])]
  const out: unknown = Reflect.apply(
    method === '__call__' ? tokenizer : Reflect.get(tokenizer, method),
    tokenizer,
    given,
  )
  return typeof out === 'object' && !Array.isArray(out) ? { ...out } : out
}

const recorded = golden<{ tokenizers: readonly RecordedTokenizer[] }>('tokenizers/edges.json').tokenizers

test.each(recorded.map((item, i) => [i, item.class, item.kwargs, item.calls] as const))(
  '%i %s %j',
  (_, name, kwargs, calls) => {
    const tokenizer = classes[name](kwargs)
    for (const call of calls) {
      const what = JSON.stringify([call.method, call.args, call.kwargs])
      if (call.error === undefined) expect(run(tokenizer, call), what).toEqual(call.out)
      else expect(() => run(tokenizer, call), what).toThrow(expect.objectContaining({ code: 'OPTION_VALUE' }))
    }
  },
)
