// The part of Tensor that puts elements in order along a dim.
import { ShapeError, valueText } from '../errors.ts'
import { dimOf, shapeText } from '../shape.ts'
import { checkFlag, checkOptions } from './arguments.ts'
import { ReduceTensor } from './reduce.ts'
import type { Tensor } from './tensor.ts'

/** Elements in order, and the places (int32) where they stood. */
export interface Ordered {
  values: Tensor
  indices: Tensor
}

export abstract class OrderTensor extends ReduceTensor {
  /** All elements along `dim` in order, and their places. Equal ones keep their order; NaN counts as largest. */
  sort(dim = -1, options: { descending?: boolean } = {}): Ordered {
    checkOptions(options, ['descending'], 'sort')
    const { descending = false } = options
    checkFlag(descending, 'descending', 'sort')
    const at = dimOf(this.shape, dim, 'sort')
    return this.#ordered(this.shape[at] ?? 1, at, descending, 'sort')
  }

  /**
   * The k largest (or smallest) elements along `dim` in order, and their places. Throws ShapeError TOPK when k is too
   * large.
   */
  topk(k: number, dim = -1, options: { largest?: boolean } = {}): Ordered {
    checkOptions(options, ['largest'], 'topk')
    const { largest = true } = options
    checkFlag(largest, 'largest', 'topk')
    return this.#ordered(k, dimOf(this.shape, dim, 'topk'), largest, 'topk')
  }

  #ordered(k: number, at: number, largest: boolean, op: string): Ordered {
    const cols = this.shape[at] ?? 1
    if (!Number.isInteger(k) || k < 0 || k > cols) {
      const message = `${op}: cannot take ${valueText(k)} of the ${cols} elements along dim ${at} of ${shapeText(this.shape)}`
      throw new ShapeError('TOPK', message)
    }
    this.live(op)
    return this.backend.scope(() => {
      const rows = this.transpose(at, -1)
      const shape = this.rank === 0 && k === 1 ? [] : [...rows.shape.slice(0, -1), k + 0]
      const [values, indices] = this.backend.topk(rows.plain(op), { cols, k, largest })
      return {
        values: this.like(values, shape).transpose(at, -1),
        indices: this.like(indices, shape).transpose(at, -1),
      }
    })
  }
}
