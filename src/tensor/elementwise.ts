// The part of Tensor that works element by element: arithmetic with broadcasting, comparisons, functions of one number.
import type { ArithmeticOp, CompareOp, Storage, UnaryOp } from '../backend.ts'
import { checkDType, type DType, fitsInt32 } from '../dtype.ts'
import { ShapeError, valueText } from '../errors.ts'
import { broadcastShape, broadcastSteps, expandedShape, gridOf, type Shape, sameShape, sizeOf } from '../shape.ts'
import { checkOptions } from './arguments.ts'
import { TensorData } from './data.ts'
import type { Tensor } from './tensor.ts'

export abstract class ElementwiseTensor extends TensorData {
  /**
   * this + other, broadcast. Two int32 give int32, which wraps around beyond 32 bits; with float32, or a number that
   * int32 cannot hold, float32. Throws ShapeError SHAPE when the shapes do not broadcast.
   */
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
    return this.#binary('div', other)
  }

  /** this to the power of other. Throws ShapeError NEGATIVE_POWER for int32 to the power of a negative whole number. */
  pow(other: Tensor | number): Tensor {
    if (this.dtype === 'int32' && Number.isInteger(other) && Number(other) < 0) {
      throw new ShapeError('NEGATIVE_POWER', `pow: int32 to the power of ${String(other)} has no whole result`, {
        hint: "call to('float32') first",
      })
    }
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

  /** -this; int32 stays int32, as in abs and relu. */
  neg(): Tensor {
    return this.dtype === 'int32' ? this.inSteps('neg', () => this.mul(-1)) : this.#unary('neg')
  }

  abs(): Tensor {
    return this.dtype === 'int32' ? this.inSteps('abs', () => this.maximum(this.neg())) : this.#unary('abs')
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

  /** The larger of x and 0. */
  relu(): Tensor {
    return this.dtype === 'int32' ? this.inSteps('relu', () => this.maximum(0)) : this.#unary('relu')
  }

  /** 1 / (1 + e^-x) */
  sigmoid(): Tensor {
    return this.#unary('sigmoid')
  }

  /** x sigmoid(x) */
  silu(): Tensor {
    return this.#unary('silu')
  }

  /**
   * x/2 (1 + erf(x / sqrt 2)); `approximate: 'tanh'` gives GPT-2's form (Hendrycks and Gimpel 2016). Throws ShapeError
   * BAD_TYPE for another word.
   */
  gelu(options: { approximate?: 'none' | 'tanh' } = {}): Tensor {
    checkOptions(options, ['approximate'], 'gelu')
    const { approximate = 'none' } = options
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw new ShapeError('BAD_TYPE', `gelu: approximate must be 'none' or 'tanh', got ${valueText(approximate)}`)
    }
    return this.#unary(approximate === 'tanh' ? 'geluTanh' : 'gelu')
  }

  /**
   * The same numbers as another type; float32 to int32 drops the fraction, and NaN becomes 0. Throws ShapeError
   * BAD_DTYPE.
   */
  to(dtype: DType): Tensor {
    checkDType(dtype, 'to')
    const x = this.live('to')
    return this.like(x.dtype === dtype ? x : this.backend.cast(this.plain('to'), dtype), this.shape)
  }

  /**
   * Repeated along dims of size 1, and along new ones in front, to `shape`; -1 keeps a dim (PyTorch's expand, but a
   * copy). Throws ShapeError SHAPE when another dim would change.
   */
  expand(shape: Shape): Tensor {
    const wanted = expandedShape(this.shape, shape, 'expand')
    return this.like(this.spread(wanted, this.dtype, 'expand'), wanted)
  }

  /** The elements as `dtype`, repeated to `shape`, to which this shape broadcasts. */
  protected spread(shape: Shape, dtype: DType, op: string): Storage {
    const x = this.typed(dtype, op)
    return sameShape(this.shape, shape) ? x : this.backend.gatherSteps(x, shape, broadcastSteps(this.shape, shape))
  }

  #unary(op: UnaryOp): Tensor {
    return this.like(this.backend.unary(op, this.floats(op)), this.shape)
  }

  #binary(op: ArithmeticOp | CompareOp, other: Tensor | number): Tensor {
    if (typeof other === 'number') return this.inSteps(op, () => this.#binary(op, this.number(other, op)))
    const right = this.operand(other, 'the other operand', op)
    const shape = broadcastShape(this.shape, right.shape, op)
    const dtype = op === 'div' ? 'float32' : commonType(this.dtype, right.dtype)
    const grid = gridOf(this.shape, right.shape, shape)
    if (grid) {
      return this.like(this.backend.binary(op, this.typed(dtype, op), right.typed(dtype, op), grid), shape)
    }
    const size = sizeOf(shape)
    const whole = { rows: 1, cols: size, aRow: size, aCol: 1, bRow: size, bCol: 1 }
    const [a, b] = [this.spread(shape, dtype, op), right.spread(shape, dtype, op)]
    return this.like(this.backend.binary(op, a, b, whole), shape)
  }

  /**
   * A number as a tensor that broadcasts, int32 if this is and int32 holds it. A larger whole number is compared as
   * infinity, because float32 may not tell it from the largest int32.
   */
  protected number(value: number, op: string): Tensor {
    const whole = this.dtype === 'int32' && Number.isInteger(value)
    const dtype = whole && fitsInt32(value) ? 'int32' : 'float32'
    const isBeyond = whole && dtype === 'float32' && ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(op)
    return this.like(this.backend.fill(dtype, 1, isBeyond ? value * Infinity : value), [])
  }
}

/** The type of a result of both: float32 unless both are int32. */
export function commonType(a: DType, b: DType): DType {
  return a === b ? a : 'float32'
}
