import fc from 'fast-check'
import { describe } from 'vitest'
import { narrowBF16, narrowF16 } from '../../kernels/convert.ts'
import { paddedInputs, quantiseInt8 } from '../../kernels/int8.ts'
import { blocksOf, quantiseQ4 } from '../../kernels/q4.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, panelsOf, sizes, twinsAgree } from './twins.ts'

describe('embedding', () => {
  const drawn = fc.tuple(sizes(40), sizes(40), fc.array(fc.nat(1000), { minLength: 1, maxLength: 9 }), fc.boolean())
  twinsAgree(
    'is its definition from rows and from panels',
    drawn,
    ([V, C, picks, isTied], panelWidth) => {
      const table = numbers(V * C, 3)
      const width = isTied ? panelWidth : 1
      const ids = Int32Array.from(picks, id => id % V)
      const stored = isTied ? panelsOf(table, C, V, width) : table
      return trial('embedding', [new Float32Array(ids.length * C), stored, ids, C, width], ids.length)
    },
    { tolerance: 0 },
  )
})

/** A table of small numbers, and the rows that are looked up. */
const small = fc.record({
  V: sizes(40),
  C: sizes(70),
  picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 9 }),
})

const idsOf = (picks: readonly number[], V: number) => Int32Array.from(picks, id => id % V)

describe.each([
  ['embeddingF16', narrowF16],
  ['embeddingBF16', narrowBF16],
] as const)('%s', (name, narrow) => {
  twinsAgree(
    'is its definition',
    small,
    ({ V, C, picks }, width) => {
      const table = panelsOf(numbers(V * C, 3), C, V, width)
      const words = new Uint16Array(table.length)
      narrow(words, table, 0, table.length)
      return trial(name, [new Float32Array(picks.length * C), words, idsOf(picks, V), C, width], picks.length)
    },
    { tolerance: 0 },
  )
})

describe.each([2, 4])('embeddingInt8, %i inputs side by side', group => {
  twinsAgree(
    'is its definition',
    small,
    ({ V, C, picks }, width) => {
      const panels = Math.ceil(V / width)
      const table = new Int8Array(panels * width * paddedInputs(C))
      const [scales, sums] = [new Float32Array(panels * width), new Int32Array(panels * width)]
      quantiseInt8(table, scales, sums, panelsOf(numbers(V * C, 3), C, V, width), C, width, group, 0, panels)
      const out = new Float32Array(picks.length * C)
      return trial('embeddingInt8', [out, table, scales, idsOf(picks, V), C, width, group], picks.length)
    },
    { tolerance: 0 },
  )
})

describe('embeddingQ4', () => {
  twinsAgree(
    'is its definition',
    small,
    ({ V, C, picks }, width) => {
      const panels = Math.ceil(V / width)
      const table = new Uint8Array(panels * width * blocksOf(C) * 16)
      const scales = new Uint16Array(panels * width * blocksOf(C))
      quantiseQ4(table, scales, panelsOf(numbers(V * C, 3), C, V, width), C, width, 0, panels)
      return trial(
        'embeddingQ4',
        [new Float32Array(picks.length * C), table, scales, idsOf(picks, V), C, width],
        picks.length,
      )
    },
    { tolerance: 0 },
  )
})
