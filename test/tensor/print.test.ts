// A tensor's text is PyTorch's, byte for byte.
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { DType } from '../../src/dtype.ts'
import { onEachBackend } from '../backends.ts'
import { golden } from '../golden.ts'

interface Case {
  readonly shape: number[]
  readonly dtype: DType
  readonly data: readonly (number | string)[]
  /** JSON has no -0. */
  readonly negative_zeros: readonly number[]
  readonly text: string
}

const { cases } = golden<{ cases: readonly Case[] }>('tensor/prints.json')
const special: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }

test('there are enough cases', () => expect(cases.length).toBeGreaterThan(50))

onEachBackend('printed tensors', backend => {
  test.each(cases.map((item, i) => [`${i}: ${item.dtype} (${item.shape})`, item] as const))('%s', (_, item) => {
    const values = item.data.map(value => (typeof value === 'string' ? special[value]! : value))
    for (const place of item.negative_zeros) values[place] = -0
    using x = backend.tensor(values, { shape: item.shape, dtype: item.dtype })
    expect(String(x)).toBe(item.text)
    expect(inspect(x)).toBe(item.text)
  })

  test('a freed tensor says so', () => {
    const x = backend.tensor([1, 2])
    x.dispose()
    expect(String(x)).toBe('tensor(disposed, size=(2,))')
  })
})
