import fc from 'fast-check'
import { describe } from 'vitest'
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
