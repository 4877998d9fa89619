import fc from 'fast-check'
import { describe } from 'vitest'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, sizes, twinsAgree } from './twins.ts'

describe('copyBlocks', () => {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 6 }), sizes(40), fc.nat(5), fc.nat(5))
  twinsAgree(
    'is its definition',
    drawn,
    ([blocks, length, outGap, gap]) => {
      const [outStep, step] = [length + outGap, length + gap]
      const args = [new Float32Array(blocks * outStep), numbers(blocks * step), outStep, step, length] as const
      return trial('copyBlocks', args, blocks)
    },
    { tolerance: 0 },
  )
})

describe('swapAxes', () => {
  const small = fc.integer({ min: 1, max: 5 })
  twinsAgree(
    'is its definition',
    fc.tuple(small, small, small, sizes(40)),
    ([A, B, C, n]) => {
      const length = A * B * C * n
      return trial('swapAxes', [new Float32Array(length), numbers(length), B, C, n], A * C)
    },
    { tolerance: 0 },
  )
})
