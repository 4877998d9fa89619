// Tensor: numbers in a back end's memory and every operation on them, in PyTorch's names and with its meaning. The
// class is written in parts, each a file and a subclass of the one before: data (holding), elementwise, layout, reduce,
// order, choose, attention, and here the products and layers.
import { type FusedActivation, fusedActivations, type Storage } from '../backend.ts'
import { ShapeError, valueText } from '../errors.ts'
import { broadcastShape, cutAt, dimOf, type Shape, sameShape, shapeText, sizeOf } from '../shape.ts'
import { checkChoice, checkNumber, checkOptions } from './arguments.ts'
import { AttentionTensor } from './attention.ts'
import { isTensor } from './data.ts'

/** What a product ends with: a function of every number, then a tensor of the output's shape that is added. */
export interface LinearOptions {
  activation?: FusedActivation | undefined
  residual?: Tensor | undefined
}

const endingNames = ['activation', 'residual'] satisfies (keyof LinearOptions)[]

export class Tensor extends AttentionTensor {
  protected override like(storage: Storage, shape: Shape): Tensor {
    return new Tensor(storage, shape)
  }

  /**
   * Matrix product of the last two dims, the ones before broadcast, as float32. A vector on the left is a row, on the
   * right a column, and that dim is gone from the result: two vectors give a single number, their dot product. Throws
   * ShapeError SHAPE, RANK.
   */
  matmul(other: Tensor): Tensor {
    const right = this.operand(other, 'the other operand', 'matmul')
    const [a, b] = [this.shape, right.shape]
    if (a.length === 0 || b.length === 0) {
      const message = `matmul: shapes ${shapeText(a)} and ${shapeText(b)} need one dim or more`
      throw new ShapeError('RANK', message)
    }
    const [m, k] = a.length === 1 ? [1, a[0]!] : [a.at(-2)!, a.at(-1)!]
    const [rows, n] = b.length === 1 ? [b[0]!, 1] : [b.at(-2)!, b.at(-1)!]
    if (k !== rows) throw new ShapeError('SHAPE', `matmul: shapes ${shapeText(a)} and ${shapeText(b)} do not fit`)
    const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2), 'matmul')
    const shape = [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])]
    sizeOf(shape, 'matmul')
    const [left, aStep] = this.#batched(batch, m, k)
    const [inner, bStep] = right.#batched(batch, k, n)
    const sizes = { batch: sizeOf(batch), m, k, n, aStep, bStep, transposed: false }
    return this.like(this.backend.matmul(left, inner, sizes), shape)
  }

  /** The storage for a batch of (rows, cols) matrices, and the step between them: 0 when one serves all. */
  #batched(batch: Shape, rows: number, cols: number): [Storage, number] {
    const own = this.shape.slice(0, -2)
    if (sizeOf(own) === 1) return [this.floats('matmul'), 0]
    return [this.spread([...batch, rows, cols], 'float32', 'matmul'), rows * cols]
  }

  /** activation(x W^T + b) + residual with a weight (out, in), as torch's Linear. Throws ShapeError SHAPE. */
  linear(weight: Tensor, bias?: Tensor, ending: LinearOptions = {}): Tensor {
    return this.#affine(weight, bias, 'linear', ending)
  }

  /** activation(x W + b) + residual with a weight (in, out), as GPT-2's Conv1D. Throws ShapeError SHAPE. */
  conv1d(weight: Tensor, bias?: Tensor, ending: LinearOptions = {}): Tensor {
    return this.#affine(weight, bias, 'conv1d', ending)
  }

  #affine(weight: Tensor, bias: Tensor | undefined, form: 'linear' | 'conv1d', ending: LinearOptions): Tensor {
    checkOptions(ending, endingNames, form)
    const { activation = 'none' } = ending
    checkChoice(activation, fusedActivations, 'activation', form)
    const w = this.operand(weight, 'the weight', form)
    const b = bias === undefined ? undefined : this.operand(bias, 'the bias', form)
    const residual = ending.residual === undefined ? undefined : this.operand(ending.residual, 'the residual', form)
    const [rows, cols] = w.dims2(form)
    const [n, k] = form === 'linear' ? [rows, cols] : [cols, rows]
    const shape = [...this.shape.slice(0, -1), n]
    const fits = (!b || sameShape(b.shape, [n])) && (!residual || sameShape(residual.shape, shape))
    if (this.shape.at(-1) !== k || !fits) {
      const also = Object.entries({ bias: b, residual }).flatMap(([name, tensor]) =>
        tensor ? [` and ${name} ${shapeText(tensor.shape)}`] : [],
      )
      const message = `${form}: input ${shapeText(this.shape)} does not fit weight ${shapeText(w.shape)}${also.join('')}`
      throw new ShapeError('SHAPE', message)
    }
    sizeOf(shape, form)
    const sizes = { rows: sizeOf(this.shape.slice(0, -1)), k, n, form }
    // A weight that a back end keeps in an order of its own is always float32, and stays as it is.
    const kept = w.dtype === 'float32' ? w.live(form) : w.floats(form)
    const finish = { activation, residual: residual?.floats(form) }
    return this.like(this.backend.linear(this.floats(form), kept, b?.floats(form), sizes, finish), shape)
  }

  /** e^x / sum of e^x along `dim`. */
  softmax(dim = -1): Tensor {
    return this.#alongLast(dim, 'softmax')
  }

  /** Logarithm of the softmax along `dim`. */
  logSoftmax(dim = -1): Tensor {
    return this.#alongLast(dim, 'logSoftmax')
  }

  #alongLast(dim: number, op: 'softmax' | 'logSoftmax'): Tensor {
    const at = dimOf(this.shape, dim, op)
    if (at < this.rank - 1) return this.inSteps(op, () => this.transpose(at, -1).#alongLast(-1, op).transpose(at, -1))
    return this.like(this.backend[op](this.floats(op), this.shape.at(-1) ?? 1), this.shape)
  }

  /**
   * (x - mean) / sqrt(variance + eps) * weight + bias along the last dim (Ba, Kiros and Hinton 2016). Throws ShapeError
   * SHAPE.
   */
  layerNorm(weight: Tensor, bias: Tensor, eps: number): Tensor {
    const op = 'layerNorm'
    const w = this.operand(weight, 'the weight', op)
    const b = this.operand(bias, 'the bias', op)
    checkNumber(eps, 'eps', op)
    const cols = this.shape.at(-1) ?? -1
    if (!sameShape(w.shape, [cols]) || !sameShape(b.shape, [cols])) {
      const message = `${op}: input ${shapeText(this.shape)} does not fit weight ${shapeText(w.shape)}, bias ${shapeText(b.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    return this.like(this.backend.layerNorm(this.floats(op), w.floats(op), b.floats(op), eps, cols), this.shape)
  }

  /** @internal What `concat` and `stack` do. */
  static join(given: readonly Tensor[], dim: number, op: 'concat' | 'stack'): Tensor {
    if (!Array.isArray(given))
      throw new ShapeError('BAD_TYPE', `${op}: expected a list of tensors, got ${valueText(given)}`)
    const [first]: readonly unknown[] = given
    if (first === undefined) throw new ShapeError('EMPTY', `${op}: there is nothing to join`)
    if (!isTensor(first)) throw new ShapeError('BAD_TYPE', `${op}: part 0 must be a Tensor, got ${valueText(first)}`)
    const all = given.map((part: unknown, i) => first.operand(part, `part ${i}`, op))
    if (op === 'concat') return first.#joined(all, dim)
    const other = all.find(part => !sameShape(part.shape, first.shape))
    if (other) {
      throw new ShapeError('SHAPE', `stack: shapes ${shapeText(first.shape)} and ${shapeText(other.shape)} differ`)
    }
    const at = dimOf([...first.shape, 1], dim, op)
    const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)]
    const rows = all.map(part => part.reshaped(shape, op))
    return first.#joined(rows, at)
  }

  #joined(all: readonly Tensor[], dim: number): Tensor {
    const parts = all.some(part => part.rank !== 1) ? all.filter(part => !sameShape(part.shape, [0])) : all
    const { shape } = parts[0]!
    if (shape.length === 0) throw new ShapeError('RANK', 'concat: single numbers have no dim to be joined along')
    const at = dimOf(shape, dim, 'concat')
    const other = parts.find(part => {
      return part.rank !== shape.length || part.shape.some((size, i) => i !== at && size !== shape[i])
    })
    if (other) {
      const message = `concat: shapes ${shapeText(shape)} and ${shapeText(other.shape)} differ in more than dim ${dim}`
      throw new ShapeError('SHAPE', message)
    }
    const dtype = parts.every(part => part.dtype === 'int32') ? 'int32' : 'float32'
    const cuts = parts.map(part => cutAt(part.shape, at))
    const total = cuts.reduce((sum, { n }) => sum + n, 0)
    const joined = shape.map((size, i) => (i === at ? total : size))
    sizeOf(joined, 'concat')
    const storages = parts.map(part => part.typed(dtype, 'concat'))
    return this.like(this.backend.concat(storages, cuts), joined)
  }
}

/**
 * Joined along a dim where they may differ in size; int32 with float32 gives float32. An empty vector joins anything,
 * as in PyTorch. Throws ShapeError SHAPE when the other dims differ, EMPTY, RANK, BAD_TYPE.
 */
export function concat(parts: readonly Tensor[], dim = 0): Tensor {
  return Tensor.join(parts, dim, 'concat')
}

/** Joined along a new dim. Throws ShapeError SHAPE when the shapes differ, EMPTY, BAD_TYPE. */
export function stack(parts: readonly Tensor[], dim = 0): Tensor {
  return Tensor.join(parts, dim, 'stack')
}
