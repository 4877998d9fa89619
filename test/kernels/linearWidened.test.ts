import { describe } from 'vitest'
import { paddedInputs, quantiseInt8 } from '../../kernels/int8.ts'
import { blocksOf, quantiseQ4 } from '../../kernels/q4.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { numbers, panelsOf, products, sizes, twinsAgree } from './twins.ts'

const none = new Float32Array(0)

describe.each([2, 4])('linearWidenedInt8, %i inputs side by side', group => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(20), sizes(60)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const panels = Math.ceil(n / width)
      const w = new Int8Array(panels * width * paddedInputs(k))
      const [scales, sums] = [new Float32Array(panels * width), new Int32Array(panels * width)]
      quantiseInt8(w, scales, sums, panelsOf(numbers(k * n, 7), k, n, width), k, width, group, 0, panels)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), w, scales, ...extras] as const
      const scratch = new Float32Array(k * width)
      return trial('linearWidenedInt8', [...arrays, ending, k, n, width, group, rows, scratch], panels)
    },
    { tolerance: 5e-6 },
  )
})

describe('linearWidenedQ4', () => {
  twinsAgree(
    'is its definition, with and without what follows a product',
    products(sizes(20), sizes(100)),
    ({ rows, k, n, ending, hasBias, hasResidual }, width) => {
      const panels = Math.ceil(n / width)
      const w = new Uint8Array(panels * blocksOf(k) * 16 * width)
      const scales = new Uint16Array(panels * blocksOf(k) * width)
      quantiseQ4(w, scales, panelsOf(numbers(k * n, 7), k, n, width), k, width, 0, panels)
      const extras = [hasBias ? numbers(n, 8) : none, hasResidual ? numbers(rows * n, 9) : none] as const
      const arrays = [new Float32Array(rows * n), numbers(rows * k, 6), w, scales, ...extras] as const
      const scratch = new Float32Array(k * width)
      return trial('linearWidenedQ4', [...arrays, ending, k, n, width, rows, scratch], panels)
    },
    { tolerance: 5e-6 },
  )
})
