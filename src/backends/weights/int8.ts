// Weights in one byte a number with a scale for each output. Activations are rounded to whole numbers too, a row at a time.
import { levelsFor, paddedInputs, roomForSums } from '../../../kernels/int8.ts'
import { type WeightKind, withPanelRoom } from './kind.ts'
import { panelCount } from './panels.ts'

export const int8: WeightKind = {
  parts(panels) {
    const outputs = panelCount(panels) * panels.width
    return [
      { kind: 'int8', length: outputs * paddedInputs(panels.k) },
      { kind: 'float32', length: outputs },
      { kind: 'int32', length: outputs },
    ]
  },

  narrow(memory, { parts, panels: { k, width } }, from, first, count) {
    const [w, scales, sums] = parts
    const start = first * width
    const target = memory.behind(w!, 'int8', start * paddedInputs(k))
    const [scale, sum] = [memory.behind(scales!, 'float32', start * 4), memory.behind(sums!, 'int32', start * 4)]
    const args = [target, scale, sum, from, k, width, memory.int8Group] as const
    memory.run('quantiseInt8', args, count, count * width * k)
  },

  widen(memory, { parts, panels }, to) {
    const [w, scales] = parts
    const { k, width } = panels
    const count = panelCount(panels)
    memory.run('dequantiseInt8', [to, w!, scales!, k, width, memory.int8Group], count, count * width * k)
  },

  multiply(memory, { parts, panels }, { out, x, bias, residual, ending, rows }) {
    const [w, scales, sums] = parts
    const { k, n, width } = panels
    const group = memory.int8Group
    if (rows >= memory.widenedRows) {
      withPanelRoom(memory, panels, (room, step) => {
        const args = [out, x, w!, scales!, bias, residual, ending, k, n, width, group, rows, room] as const
        memory.run('linearWidenedInt8', args, panelCount(panels), rows * k * n, 1, step)
      })
      return
    }
    const room = roomForSums(width)
    // Two bytes a number: a word, or its upper and its lower bits.
    const places = rows * paddedInputs(k)
    const activations = memory.makeParts([
      group === 4 ? { kind: 'uint8', length: 2 * places } : { kind: 'uint16', length: places },
      { kind: 'float32', length: rows },
      { kind: 'int32', length: rows },
      { kind: 'int32', length: room * memory.threads },
    ])
    const [q, scale, zero, scratch] = activations.parts
    memory.run('quantiseRows', [q!, scale!, zero!, x, k, levelsFor(k), group], rows, rows * k)
    const arrays = [out, q!, scale!, zero!, w!, scales!, sums!, bias, residual] as const
    const args = [...arrays, ending, k, n, width, group, rows, scratch!] as const
    memory.run('linearInt8', args, panelCount(panels), rows * k * n, 1, room * 4)
    memory.free(activations)
  },

  lookUp(memory, { parts, panels: { k, width } }, ids, rows, out) {
    const [w, scales] = parts
    memory.run('embeddingInt8', [out, w!, scales!, ids, k, width, memory.int8Group], rows, rows * k)
  },
}
