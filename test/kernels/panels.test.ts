import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pack, unpack } from '../../kernels/panels.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

const drawn = fc.tuple(sizes(40), sizes(40), fc.boolean())
/** Steps between inputs and between outputs in the order of Conv1D, and of Linear. */
const stepsOf = (k: number, n: number, isConv1d: boolean) => (isConv1d ? [n, 1] : [1, k]) as [number, number]

describe('pack', () => {
  twinsAgree(
    'is its definition from either order',
    drawn,
    ([k, n, isConv1d], width) => {
      const panels = Math.ceil(n / width)
      const args = [k, n, ...stepsOf(k, n, isConv1d), width, k * width] as const
      return trial('pack', [new Float32Array(panels * k * width), numbers(k * n), ...args], panels)
    },
    { tolerance: 0 },
  )
})

describe('unpack', () => {
  twinsAgree(
    'is its definition into either order',
    drawn,
    ([k, n, isConv1d], width) => {
      const panels = numbers(Math.ceil(n / width) * k * width)
      return trial('unpack', [new Float32Array(k * n), panels, k, n, ...stepsOf(k, n, isConv1d), width], k)
    },
    { tolerance: 0 },
  )
})

test('unpack gives back what pack took', () => {
  const [k, n, width] = [5, 11, 4]
  const w = numbers(k * n)
  const panels = new Float32Array(3 * k * width).fill(9)
  pack(panels, w, k, n, 1, k, width, k * width, 0, 3)
  expect(panels.filter((_, i) => i >= 2 * k * width && i % width === 3)).toEqual(new Float32Array(k))
  const back = new Float32Array(k * n)
  unpack(back, panels, k, n, 1, k, width, 0, k)
  expect(back).toEqual(w)
})
