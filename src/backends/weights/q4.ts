// Weights in four bits a number with a scale for each 32 inputs of an output. Activations are rounded to int8, 32 at a time.
import { blockLength, blocksOf } from '../../../kernels/q4.ts'
import { type WeightKind, withPanelRoom } from './kind.ts'
import { panelCount } from './panels.ts'

export const q4: WeightKind = {
  parts(panels) {
    const blocks = panelCount(panels) * panels.width * blocksOf(panels.k)
    return [
      { kind: 'uint8', length: (blocks * blockLength) / 2 },
      { kind: 'uint16', length: blocks },
    ]
  },

  narrow(memory, { parts, panels: { k, width } }, from, first, count) {
    const [w, scales] = parts
    const blocks = first * width * blocksOf(k)
    const target = memory.behind(w!, 'uint8', (blocks * blockLength) / 2)
    const scale = memory.behind(scales!, 'uint16', blocks * 2)
    memory.run('quantiseQ4', [target, scale, from, k, width], count, count * width * k)
  },

  widen(memory, { parts, panels }, to) {
    const [w, scales] = parts
    const { k, width } = panels
    const count = panelCount(panels)
    memory.run('dequantiseQ4', [to, w!, scales!, k, width], count, count * width * k)
  },

  multiply(memory, { parts, panels }, { out, x, bias, residual, ending, rows }) {
    const [w, scales] = parts
    const { k, n, width } = panels
    if (rows >= memory.widenedRows) {
      withPanelRoom(memory, panels, (room, step) => {
        const args = [out, x, w!, scales!, bias, residual, ending, k, n, width, rows, room] as const
        memory.run('linearWidenedQ4', args, panelCount(panels), rows * k * n, 1, step)
      })
      return
    }
    const blocks = rows * blocksOf(k)
    const activations = memory.makeParts([
      { kind: 'int8', length: blocks * blockLength },
      { kind: 'float32', length: blocks },
      { kind: 'int32', length: blocks },
    ])
    const [q, scale, sum] = activations.parts
    memory.run('quantiseBlocks', [q!, scale!, sum!, x, k], rows, rows * k)
    const arrays = [out, q!, scale!, sum!, w!, scales!, bias, residual] as const
    memory.run('linearQ4', [...arrays, ending, k, n, width, rows], panelCount(panels), rows * k * n)
    memory.free(activations)
  },

  lookUp(memory, { parts, panels: { k, width } }, ids, rows, out) {
    const [w, scales] = parts
    memory.run('embeddingQ4', [out, w!, scales!, ids, k, width], rows, rows * k)
  },
}
