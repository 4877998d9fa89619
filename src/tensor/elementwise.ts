// The part of Tensor that works element by element: arithmetic with broadcasting, comparisons, functions of one number.
import type { ArithmeticOp, CompareOp, Storage, UnaryOp } from '../backend.ts'
import type { DType } from '../dtype.ts'
import { broadcastShape, broadcastSteps, gridOf, type Shape, sameShape } from '../shape.ts'
import { TensorData } from './data.ts'
import type { Tensor } from './tensor.ts'

export abstract class ElementwiseTensor extends TensorData {
  /** this + other, broadcast. int32 with float32 gives float32. Throws ShapeError SHAPE when the shapes do not broadcast. */
  add(other: Tensor | number): Tensor {
    return this.#binary('add', other)
  }

  sub(other: Tensor | number): Tensor {
    return this.#binary('sub', other)
  }

  mul(other: Tensor | number): Tensor {
    return this.#binary('mul', other)
  }

  /** this / other as float32, also of integers. */
  div(other: Tensor | number): Tensor {
    return this.to('float32').#binary('div', other)
  }

  pow(other: Tensor | number): Tensor {
    return this.#binary('pow', other)
  }

  /** The larger of the two, element by element; NaN if either is. */
  maximum(other: Tensor | number): Tensor {
    return this.#binary('maximum', other)
  }

  /** The smaller of the two, element by element; NaN if either is. */
  minimum(other: Tensor | number): Tensor {
    return this.#binary('minimum', other)
  }

  /** 1 where this = other, else 0, as int32; likewise the other comparisons. */
  eq(other: Tensor | number): Tensor {
    return this.#binary('eq', other)
  }

  ne(other: Tensor | number): Tensor {
    return this.#binary('ne', other)
  }

  lt(other: Tensor | number): Tensor {
    return this.#binary('lt', other)
  }

  le(other: Tensor | number): Tensor {
    return this.#binary('le', other)
  }

  gt(other: Tensor | number): Tensor {
    return this.#binary('gt', other)
  }

  ge(other: Tensor | number): Tensor {
    return this.#binary('ge', other)
  }

  neg(): Tensor {
    return this.#unary('neg')
  }

  abs(): Tensor {
    return this.#unary('abs')
  }

  /** e to the power of each element; within 2 ulp on every back end. */
  exp(): Tensor {
    return this.#unary('exp')
  }

  /** Natural logarithm. */
  log(): Tensor {
    return this.#unary('log')
  }

  sqrt(): Tensor {
    return this.#unary('sqrt')
  }

  /** 1 / sqrt(x) */
  rsqrt(): Tensor {
    return this.#unary('rsqrt')
  }

  /** Hyperbolic tangent; within 4 ulp. */
  tanh(): Tensor {
    return this.#unary('tanh')
  }

  /** Error function; within 4 ulp. */
  erf(): Tensor {
    return this.#unary('erf')
  }

  relu(): Tensor {
    return this.#unary('relu')
  }

  /** 1 / (1 + e^-x) */
  sigmoid(): Tensor {
    return this.#unary('sigmoid')
  }

  /** x sigmoid(x) */
  silu(): Tensor {
    return this.#unary('silu')
  }

  /** x/2 (1 + erf(x / sqrt 2)); `approximate: 'tanh'` gives GPT-2's form (Hendrycks and Gimpel 2016). */
  gelu({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
    return this.#unary(approximate === 'tanh' ? 'geluTanh' : 'gelu')
  }

  /** The same numbers as another type; float32 to int32 drops the fraction. */
  to(dtype: DType): Tensor {
    const x = this.live('to')
    return this.like(x.dtype === dtype ? x : this.backend.cast(x, dtype), this.shape)
  }

  /** this where `condition` is not 0, else `other`; all three broadcast. */
  where(condition: Tensor, other: Tensor | number): Tensor {
    const right = this.#operand(other)
    this.sameBackend(condition, 'where')
    const shape = broadcastShape(broadcastShape(this.shape, right.shape, 'where'), condition.shape, 'where')
    const dtype = commonType(this.dtype, right.dtype)
    const [a, b] = [this.to(dtype), right.to(dtype)]
    const storage = this.backend.where(condition.#spread(shape), a.#spread(shape), b.#spread(shape))
    return this.like(storage, shape)
  }

  /** `value` where `mask` is not 0, this elsewhere (PyTorch's masked_fill). */
  maskedFill(mask: Tensor, value: number): Tensor {
    return this.where(mask.eq(0), value)
  }

  /** Repeated along dims of size 1 to the larger `shape` (PyTorch's expand, but a copy). */
  expand(shape: Shape): Tensor {
    return this.like(this.#spread(broadcastShape(this.shape, shape, 'expand')), shape)
  }

  /** The storage with the elements repeated to `shape`. */
  #spread(shape: Shape): Storage {
    const x = this.plain('expand')
    return sameShape(this.shape, shape) ? x : this.backend.gatherSteps(x, shape, broadcastSteps(this.shape, shape))
  }

  #unary(op: UnaryOp): Tensor {
    const x = this.to('float32')
    return this.like(this.backend.unary(op, x.plain(op)), this.shape)
  }

  #binary(op: ArithmeticOp | CompareOp, other: Tensor | number): Tensor {
    const right = this.#operand(other)
    this.sameBackend(right, op)
    const shape = broadcastShape(this.shape, right.shape, op)
    const dtype = commonType(this.dtype, right.dtype)
    const [a, b] = [this.to(dtype), right.to(dtype)]
    const grid = gridOf(a.shape, b.shape, shape)
    if (grid) return this.like(this.backend.binary(op, a.plain(op), b.plain(op), grid), shape)
    const size = this.like(a.#spread(shape), shape).size
    const whole = { rows: 1, cols: size, aRow: size, aCol: 1, bRow: size, bCol: 1 }
    return this.like(this.backend.binary(op, a.#spread(shape), b.#spread(shape), whole), shape)
  }

  /** A number as a tensor that broadcasts; a whole number does not turn an int32 tensor into float32. */
  #operand(other: Tensor | number): Tensor {
    if (typeof other !== 'number') return other
    const dtype = this.dtype === 'int32' && Number.isInteger(other) ? 'int32' : 'float32'
    return this.like(this.backend.fill(dtype, 1, other), [])
  }
}

function commonType(a: DType, b: DType): DType {
  return a === b ? a : 'float32'
}
