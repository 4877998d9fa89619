// Weights in full. They are read straight into their panels, so nothing is ever rounded.
import type { WeightKind } from './kind.ts'
import { panelCount } from './panels.ts'

export const float32: WeightKind = {
  parts: panels => [{ kind: 'float32', length: panelCount(panels) * panels.width * panels.k }],

  multiply(memory, { ref, panels }, { out, x, bias, residual, ending, rows }) {
    const { k, n, width } = panels
    const args = [out, x, ref, bias, residual, ending, k, n, width, rows] as const
    memory.run('linear', args, panelCount(panels), rows * k * n)
  },

  lookUp(memory, { ref, panels: { k, width } }, ids, rows, out) {
    memory.run('embedding', [out, ref, ids, k, width], rows, rows * k)
  },
}
