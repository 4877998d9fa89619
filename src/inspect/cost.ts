// What each operation of a back end takes at least: arithmetic by formula, and bytes that are read and written once. Knows nothing of
// how a back end goes about it.
import type { AttentionSizes, Backend, Storage } from '../backend.ts'

export interface Cost {
  /**
   * Multiplications, additions and other functions of one number, each counted as one: 2 m k n for a product, and as much as
   * the formulas below say for the rest.
   */
  readonly flops: number
  readonly bytes: number
}

/** Operations of a back end that give storages, but for reading a weight and putting it into another order. */
type CountedOp = Exclude<
  {
    [Op in keyof Backend]: Backend[Op] extends (...args: never[]) => Storage | [Storage, Storage] ? Op : never
  }[keyof Backend],
  'scope' | 'weight' | 'plain'
>

const number = 4

/** Bytes of storages, some of which may be absent. */
function bytesOf(...storages: readonly (Storage | undefined)[]): number {
  return storages.reduce((sum, storage) => sum + (storage?.bytes ?? 0), 0)
}

/** So much arithmetic, some inputs, and an output of so many numbers. */
function cost(flops: number, inputs: readonly (Storage | undefined)[], outputs: number): Cost {
  return { flops, bytes: bytesOf(...inputs) + outputs * number }
}

/** Numbers that only change their place: read and written. */
function moved(count: number): Cost {
  return { flops: 0, bytes: 2 * count * number }
}

/** Pairs of a new token and one that it sees, all heads together. */
function pairsOf({ B, H, T, S, causal }: AttentionSizes): number {
  return B * H * (causal ? T * (S - T) + (T * (T + 1)) / 2 : T * S)
}

/** Arithmetic of a softmax for each of its numbers: difference to the largest, power, sum, quotient. */
const softmaxFlops = 4

/** Arithmetic of layerNorm for each number: mean 1, variance 3, normalising 2, weight and bias 2. */
const layerNormFlops = 8

const rowsOf = (storage: Storage, cols: number): number => (cols === 0 ? 0 : storage.length / cols)

const formulas: { readonly [Op in CountedOp]: (...args: Parameters<Backend[Op]>) => Cost } = {
  upload: (_, values) => cost(0, [], values.length),
  fill: (_, length) => cost(0, [], length),
  unary: (_, x) => cost(x.length, [x], x.length),
  binary: (_, a, b, { rows, cols }) => cost(rows * cols, [a, b], rows * cols),
  reduce: (_, x, { outer, inner }) => cost(x.length, [x], outer * inner),
  cumsum: x => cost(x.length, [x], x.length),
  softmax: x => cost(softmaxFlops * x.length, [x], x.length),
  logSoftmax: x => cost(softmaxFlops * x.length, [x], x.length),
  layerNorm: (x, weight, bias) => cost(layerNormFlops * x.length, [x, weight, bias], x.length),
  matmul: (a, b, { batch, m, k, n }) => cost(2 * batch * m * k * n, [a, b], batch * m * n),
  linear(x, weight, bias, { rows, k, n }, { activation = 'none', residual } = {}) {
    const endings = (bias ? 1 : 0) + (activation === 'none' ? 0 : 1) + (residual ? 1 : 0)
    return cost(2 * rows * k * n + endings * rows * n, [x, weight, bias, residual], rows * n)
  },
  attention(q, _k, _v, mask, sizes) {
    const { B, H, S, D } = sizes
    const { flops, bytes } = cost(pairsOf(sizes) * (4 * D + softmaxFlops), [q, mask], q.length)
    return { flops, bytes: bytes + 2 * B * H * S * D * number }
  },
  attentionScores(q, _k, mask, sizes) {
    const { B, H, T, S, D } = sizes
    const { flops, bytes } = cost(pairsOf(sizes) * 2 * D, [q, mask], B * H * T * S)
    return { flops, bytes: bytes + B * H * S * D * number }
  },
  attentionValues(probs, _v, sizes) {
    const { B, H, T, S, D } = sizes
    const { flops, bytes } = cost(B * H * T * S * 2 * D, [probs], B * H * T * D)
    return { flops, bytes: bytes + B * H * S * D * number }
  },
  embedding(table, ids, cols) {
    const rows = ids.length
    const share = table.length === 0 ? 0 : (rows * cols) / table.length
    return { flops: 0, bytes: bytesOf(ids) + share * table.bytes + rows * cols * number }
  },
  slice: (_, { outer, inner }, _start, length) => moved(outer * length * inner),
  concat: parts => moved(parts.reduce((sum, { length }) => sum + length, 0)),
  append: (_, x) => moved(x.length),
  swapAxes: x => moved(x.length),
  gatherSteps: (_, shape) => moved(shape.reduce((size, n) => size * n, 1)),
  cast: x => moved(x.length),
  where: (condition, a, b) => cost(0, [condition, a, b], a.length),
  gather: (_, index) => cost(0, [index, index], index.length),
  topk: (x, { cols, k }) => cost(x.length, [x], 2 * rowsOf(x, cols) * k),
}

export const countedOps = Object.keys(formulas) as readonly CountedOp[]

/** A formula for code that only hands arguments on: written as a method because its own may be narrower. */
type Formula = { method(...args: readonly unknown[]): Cost }['method']

/** What `op` takes on these arguments, those of the back end's method. */
export function costOf(op: CountedOp, args: readonly unknown[]): Cost {
  const formula: Formula = formulas[op]
  return formula(...args)
}

/** The operation's name as a table shows it, with what a product ends with. */
export function titleOf(op: CountedOp, args: readonly unknown[]): string {
  if (op === 'unary' || op === 'binary' || op === 'reduce') return String(args[0])
  if (op !== 'linear') return op
  const { activation = 'none', residual } = (args as Parameters<Backend['linear']>)[4] ?? {}
  return [op, ...(activation === 'none' ? [] : [activation]), ...(residual ? ['residual'] : [])].join('+')
}
