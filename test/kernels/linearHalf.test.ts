import fc from 'fast-check'
import { describe } from 'vitest'
import { narrowBF16, narrowF16 } from '../../kernels/convert.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, panelsOf, sizes, twinsAgree } from './twins.ts'

describe.each(['linearF16', 'linearBF16'] as const)('%s', name => {
  const drawn = fc.tuple(sizes(20), sizes(), sizes(40), fc.nat(6))
  twinsAgree(
    'is its definition',
    drawn,
    ([rows, k, n, ending], width) => {
      const panels = panelsOf(numbers(k * n, 7), k, n, width)
      const w = new Uint16Array(panels.length)
      const narrow = name === 'linearF16' ? narrowF16 : narrowBF16
      narrow(w, panels, 0, panels.length)
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), w, numbers(n, 8), numbers(rows * n, 9)] as const
      const scratch = new Float32Array(k * width)
      return trial(name, [...arrays, ending, k, n, width, rows, scratch], Math.ceil(n / width))
    },
    { tolerance: 5e-6 },
  )
})
