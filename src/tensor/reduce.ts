// The part of Tensor that sums up along dims.
import type { ReduceOp } from '../backend.ts'
import type { DType } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { type Cut, cutAt, dimOf, dimsOf, shapeText } from '../shape.ts'
import { checkFlag, checkNumber, checkOptions } from './arguments.ts'
import { LayoutTensor } from './layout.ts'
import type { Tensor } from './tensor.ts'

/** One dim, several, or all when none is given. */
export type Dims = number | readonly number[]

export interface ReduceOptions {
  /** Leave the dims in place with size 1. */
  keepdim?: boolean
}

export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of values that the squares are divided by; 1 unless given. */
  correction?: number
}

export abstract class ReduceTensor extends LayoutTensor {
  /** Sum along dims, or of everything; of int32 as int32. 0 of nothing. */
  sum(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.#reduce('sum', dims, options)
  }

  /** Mean along dims, or of everything, as float32. NaN of nothing. */
  mean(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.#reduce('mean', dims, options)
  }

  /**
   * Largest value along dims, or of everything; NaN if one is NaN. PyTorch calls it amax: where the value stands is
   * argmax's answer. Throws ShapeError EMPTY when there is none.
   */
  max(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.#reduce('max', dims, options)
  }

  /** Smallest value (PyTorch's amin), as `max`. */
  min(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.#reduce('min', dims, options)
  }

  /**
   * Place of the largest value along a dim, or in everything, as int32: the first one of equals, or of NaNs. Throws as
   * `max`.
   */
  argmax(dim?: number, options?: ReduceOptions): Tensor {
    if (dim !== undefined) dimOf(this.shape, dim, 'argmax')
    return this.#reduce('argmax', dim, options)
  }

  /** Place of the smallest value, as `argmax`. */
  argmin(dim?: number, options?: ReduceOptions): Tensor {
    if (dim !== undefined) dimOf(this.shape, dim, 'argmin')
    // -1 - x, for which the lowest int32 has room.
    const turned = () => (this.dtype === 'int32' ? this.mul(-1).sub(1) : this.neg())
    return this.inSteps('argmin', () => turned().#reduce('argmax', dim, options, 'argmin'))
  }

  /** 1 where all values along dims are other than 0, else 0, as int32. 1 of nothing. */
  all(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.inSteps('all', () => this.eq(0).#reduce('sum', dims, options, 'all').eq(0))
  }

  /** 1 where one of the values along dims is other than 0, else 0, as int32. 0 of nothing. */
  any(dims?: Dims, options?: ReduceOptions): Tensor {
    return this.inSteps('any', () => this.ne(0).#reduce('sum', dims, options, 'any').ne(0))
  }

  /** Mean square of what lies between the values along dims and their mean, as float32; see VarianceOptions. */
  var(dims?: Dims, options: VarianceOptions = {}): Tensor {
    return this.#variance(dims, options, 'var')
  }

  /** Square root of `var`. */
  std(dims?: Dims, options: VarianceOptions = {}): Tensor {
    return this.inSteps('std', () => this.#variance(dims, options, 'std').sqrt())
  }

  #variance(dims: Dims | undefined, options: VarianceOptions, op: string): Tensor {
    checkOptions(options, ['correction', 'keepdim'], op)
    const { correction = 1, keepdim = false } = options
    checkNumber(correction, 'correction', op)
    const n = dimsOf(this.shape, dims, op).reduce((count, dim) => count * (this.shape[dim] ?? 1), 1)
    return this.inSteps(op, () => {
      const distances = this.sub(this.#reduce('mean', dims, { keepdim: true }, op))
      return distances
        .mul(distances)
        .#reduce('sum', dims, { keepdim }, op)
        .div(Math.max(0, n - correction))
    })
  }

  /** Each element plus all before it along `dim`. */
  cumsum(dim: number): Tensor {
    const at = dimOf(this.shape, dim, 'cumsum')
    return this.like(this.backend.cumsum(this.plain('cumsum'), cutAt(this.shape, at)), this.shape)
  }

  #reduce(op: ReduceOp, dims: Dims | undefined, options: ReduceOptions = {}, name: string = op): Tensor {
    checkOptions(options, ['keepdim'], name)
    const { keepdim = false } = options
    checkFlag(keepdim, 'keepdim', name)
    const at = dimsOf(this.shape, dims, name)
    const dtype: DType = op === 'mean' ? 'float32' : this.dtype
    const shape = this.shape.flatMap((size, dim) => (!at.includes(dim) ? [size] : keepdim ? [1] : []))
    const [first = 0, last = 0] = [at[0], at.at(-1)]
    const isOneCut = last - first + 1 === Math.max(at.length, 1)
    if (isOneCut) return this.#reduceCut(op, cutAt(this.shape, first, last), dtype, shape, name)
    // Dims with others between them are put side by side first.
    const others = this.shape.map((_, dim) => dim).filter(dim => !at.includes(dim))
    return this.inSteps(name, () => {
      const moved = this.permuted([...others, ...at], name)
      return moved.#reduceCut(op, cutAt(moved.shape, others.length, this.rank - 1), dtype, shape, name)
    })
  }

  #reduceCut(op: ReduceOp, cut: Cut, dtype: DType, shape: number[], name: string): Tensor {
    if (cut.n === 0 && op !== 'sum' && op !== 'mean') {
      throw new ShapeError('EMPTY', `${name}: there is nothing to choose from in ${shapeText(this.shape)}`)
    }
    return this.like(this.backend.reduce(op, this.typed(dtype, name), cut), shape)
  }
}
