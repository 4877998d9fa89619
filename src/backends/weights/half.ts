// Weights in two bytes a number, float16 or bfloat16.
import { type WeightKind, withPanelRoom } from './kind.ts'
import { panelCount } from './panels.ts'

/** The kernels of one of the two types. */
interface HalfKernels {
  readonly narrow: 'narrowF16' | 'narrowBF16'
  readonly widen: 'widenF16' | 'widenBF16'
  readonly linear: 'linearF16' | 'linearBF16'
  readonly embedding: 'embeddingF16' | 'embeddingBF16'
}

function half(kernels: HalfKernels): WeightKind {
  return {
    parts: panels => [{ kind: 'uint16', length: panelCount(panels) * panels.width * panels.k }],

    narrow(memory, { ref, panels: { k, width } }, from, first, count) {
      const size = k * width
      memory.run(kernels.narrow, [memory.behind(ref, 'uint16', first * size * 2), from], count * size, count * size, 64)
    },

    widen(memory, { ref, panels }, to) {
      const size = panelCount(panels) * panels.k * panels.width
      memory.run(kernels.widen, [to, ref], size, size, 64)
    },

    multiply(memory, { ref, panels }, { out, x, bias, residual, ending, rows }) {
      const { k, n, width } = panels
      withPanelRoom(memory, panels, (room, step) => {
        const args = [out, x, ref, bias, residual, ending, k, n, width, rows, room] as const
        memory.run(kernels.linear, args, panelCount(panels), rows * k * n, 1, step)
      })
    },

    lookUp(memory, { ref, panels: { k, width } }, ids, rows, out) {
      memory.run(kernels.embedding, [out, ref, ids, k, width], rows, rows * k)
    },
  }
}

export const float16 = half({
  narrow: 'narrowF16',
  widen: 'widenF16',
  linear: 'linearF16',
  embedding: 'embeddingF16',
})

export const bfloat16 = half({
  narrow: 'narrowBF16',
  widen: 'widenBF16',
  linear: 'linearBF16',
  embedding: 'embeddingBF16',
})
