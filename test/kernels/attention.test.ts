import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attention, attentionScores, attentionValues } from '../../kernels/attention.ts'
import { softmax } from '../../kernels/softmax.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

const drawn = fc
  .record({
    B: fc.integer({ min: 1, max: 2 }),
    H: fc.integer({ min: 1, max: 3 }),
    T: sizes(20),
    past: fc.oneof(fc.constant(0), sizes(20)),
    spare: fc.nat(3),
    D: fc.constantFrom<number>(4, 5, 16, 32, 36, 64),
    causal: fc.nat(1),
    mask: fc.constantFrom('none', 'row', 'rows'),
  })
  .map(({ mask, past, spare, ...sizesOf }) => {
    const S = sizesOf.T + past
    return { ...sizesOf, S, capacity: S + spare, maskRows: { none: 0, row: 1, rows: sizesOf.T }[mask] }
  })

type Drawn = Omit<typeof drawn extends fc.Arbitrary<infer T> ? T : never, 'spare'>

function inputs({ B, H, T, S, capacity, D, maskRows }: Drawn) {
  const mask = numbers(B * maskRows * S, 4).map(value => (value > 0.3 ? -3.4028234663852886e38 : 0))
  return {
    q: numbers(B * H * T * D, 1),
    k: numbers(B * H * capacity * D, 2),
    v: numbers(B * H * capacity * D, 3),
    mask: maskRows === 0 ? none : mask,
  }
}

/** Enough for the definition and for the twin. */
const roomFor = ({ B, H, T, S, D }: Drawn) => new Float32Array(B * H * T * S + (S + 16) * (D + 24))

describe('attention', () => {
  twinsAgree(
    'is its definition',
    drawn,
    sizesOf => {
      const { B, H, T, S, capacity, D, causal, maskRows } = sizesOf
      const { q, k, v, mask } = inputs(sizesOf)
      const args = [H, T, S, capacity, D, 0.3, causal, maskRows, roomFor(sizesOf)] as const
      return trial('attention', [new Float32Array(B * H * T * D), q, k, v, mask, ...args], B * H * T)
    },
    { tolerance: 2e-6 },
  )
})

describe('attentionScores', () => {
  twinsAgree(
    'is its definition',
    drawn,
    sizesOf => {
      const { B, H, T, S, capacity, D, causal, maskRows } = sizesOf
      const { q, k, mask } = inputs(sizesOf)
      const args = [H, T, S, capacity, D, 0.3, causal, maskRows, roomFor(sizesOf)] as const
      return trial('attentionScores', [new Float32Array(B * H * T * S), q, k, mask, ...args], B * H * T)
    },
    { tolerance: 2e-6 },
  )
})

describe('attentionValues', () => {
  twinsAgree(
    'is its definition',
    drawn,
    sizesOf => {
      const { B, H, T, S, capacity, D } = sizesOf
      const probs = numbers(B * H * T * S, 5).map(Math.abs)
      const args = [probs, inputs(sizesOf).v, T, S, capacity, D] as const
      return trial('attentionValues', [new Float32Array(B * H * T * D), ...args], B * H * T)
    },
    { tolerance: 2e-6, size: 10 },
  )
})

test('the whole is its three steps, bit for bit', () => {
  const [B, H, T, S, capacity, D] = [2, 3, 4, 7, 9, 5]
  const { q, k, v, mask } = inputs({ B, H, T, S, capacity, D, causal: 1, maskRows: 1 })
  const probs = new Float32Array(B * H * T * S)
  attentionScores(probs, q, k, mask, H, T, S, capacity, D, 0.3, 1, 1, none, 0, B * H * T)
  softmax(probs, probs, S, 0, B * H * T)
  const composed = new Float32Array(B * H * T * D)
  attentionValues(composed, probs, v, T, S, capacity, D, 0, B * H * T)
  const whole = new Float32Array(B * H * T * D)
  attention(whole, q, k, v, mask, H, T, S, capacity, D, 0.3, 1, 1, new Float32Array(B * H * T * S), 0, B * H * T)
  expect(whole).toEqual(composed)
})
