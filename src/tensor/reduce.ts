// The part of Tensor that sums up or orders along one dim.
import type { ReduceOp } from '../backend.ts'
import { ShapeError } from '../errors.ts'
import { cutAt, dimOf, shapeText } from '../shape.ts'
import { LayoutTensor } from './layout.ts'
import type { Tensor } from './tensor.ts'

export interface ReduceOptions {
  /** Leave the dim in place with size 1. */
  keepdim?: boolean
}

export abstract class ReduceTensor extends LayoutTensor {
  /** Sum along `dim`, or of everything. 0 of nothing. */
  sum(dim?: number, options?: ReduceOptions): Tensor {
    return this.#reduce('sum', dim, options)
  }

  /** Mean along `dim`, or of everything, as float32. NaN of nothing. */
  mean(dim?: number, options?: ReduceOptions): Tensor {
    return this.to('float32').#reduce('mean', dim, options)
  }

  /** Largest value along `dim`, or of everything; NaN if one is NaN. Throws ShapeError EMPTY when there is none. */
  max(dim?: number, options?: ReduceOptions): Tensor {
    return this.#reduce('max', dim, options)
  }

  /** Smallest value, as `max`. */
  min(dim?: number, options?: ReduceOptions): Tensor {
    return this.#reduce('min', dim, options)
  }

  /** Index of the largest value, the first one of equals, as int32. */
  argmax(dim?: number, options?: ReduceOptions): Tensor {
    return this.#reduce('argmax', dim, options)
  }

  /** Each element plus all before it along `dim`. */
  cumsum(dim: number): Tensor {
    const at = dimOf(this.shape, dim, 'cumsum')
    return this.like(this.backend.cumsum(this.plain('cumsum'), cutAt(this.shape, at)), this.shape)
  }

  /** All elements along `dim` in order, and their places. Equal ones keep their order; NaN counts as largest. */
  sort(dim = -1, { descending = false }: { descending?: boolean } = {}): { values: Tensor; indices: Tensor } {
    const at = dimOf(this.shape, dim, 'sort')
    return this.topk(this.shape[at]!, at, { largest: descending })
  }

  /** The k largest (or smallest) elements along `dim` in order, and their places. Throws ShapeError TOPK when k is too large. */
  topk(k: number, dim = -1, { largest = true }: { largest?: boolean } = {}): { values: Tensor; indices: Tensor } {
    const at = dimOf(this.shape, dim, 'topk')
    const cols = this.shape[at]!
    if (!Number.isInteger(k) || k < 0 || k > cols) {
      throw new ShapeError(
        'TOPK',
        `topk: cannot take ${k} of the ${cols} elements along dim ${dim} of ${shapeText(this.shape)}`,
      )
    }
    const rows = this.transpose(at, -1)
    const [values, indices] = this.backend.topk(rows.plain('topk'), { cols, k, largest })
    const shape = [...rows.shape.slice(0, -1), k]
    return {
      values: this.like(values, shape).transpose(at, -1),
      indices: this.like(indices, shape).transpose(at, -1),
    }
  }

  #reduce(op: ReduceOp, dim: number | undefined, { keepdim = false }: ReduceOptions = {}): Tensor {
    if (dim === undefined) return this.reshape([this.size]).#reduce(op, 0)
    const at = dimOf(this.shape, dim, op)
    const cut = cutAt(this.shape, at)
    if (cut.n === 0 && op !== 'sum' && op !== 'mean') {
      throw new ShapeError('EMPTY', `${op}: dim ${dim} of ${shapeText(this.shape)} is empty`)
    }
    const shape = keepdim ? this.shape.map((size, i) => (i === at ? 1 : size)) : this.shape.filter((_, i) => i !== at)
    return this.like(this.backend.reduce(op, this.plain(op), cut), shape)
  }
}
