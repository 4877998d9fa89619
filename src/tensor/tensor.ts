// Tensor: numbers in a back end's memory and every operation on them, in PyTorch's names and with its meaning.
// The class is written in parts, each a file: data (holding), elementwise, layout, reduce, and here the products and layers.
import type { AttentionSizes, Storage } from '../backend.ts'
import { InputError, ShapeError } from '../errors.ts'
import { broadcastShape, cutAt, dimOf, type Shape, sameShape, shapeText, sizeOf } from '../shape.ts'
import { ReduceTensor } from './reduce.ts'

export interface AttendOptions {
  /** Token t sees no token behind it. */
  causal?: boolean | undefined
  /** Added to the scores: (B, 1, 1, S), (B, 1, T, S) or with B = 1. */
  mask?: Tensor | undefined
  /** Factor of the scores; 1 / sqrt(D) unless given. */
  scale?: number | undefined
  /** How many rows of keys and values count; all of them unless given. */
  length?: number | undefined
}

export class Tensor extends ReduceTensor {
  protected override like(storage: Storage, shape: Shape): Tensor {
    return new Tensor(storage, shape)
  }

  /** Matrix product of the last two dims, the ones before broadcast. Throws ShapeError SHAPE. */
  matmul(other: Tensor): Tensor {
    return this.#product(other, false)
  }

  #product(other: Tensor, transposed: boolean): Tensor {
    this.sameBackend(other, 'matmul')
    if (this.rank < 2 || other.rank < 2) {
      throw new ShapeError(
        'RANK',
        `matmul: shapes ${shapeText(this.shape)} and ${shapeText(other.shape)} need two dims or more`,
      )
    }
    const [m, k] = this.shape.slice(-2) as [number, number]
    const [rows, cols] = other.shape.slice(-2) as [number, number]
    const n = transposed ? rows : cols
    if (k !== (transposed ? cols : rows)) {
      throw new ShapeError('SHAPE', `matmul: shapes ${shapeText(this.shape)} and ${shapeText(other.shape)} do not fit`)
    }
    const batch = broadcastShape(this.shape.slice(0, -2), other.shape.slice(0, -2), 'matmul')
    const [a, aStep] = this.#batched(batch, m, k)
    const [b, bStep] = other.#batched(batch, rows, cols)
    const sizes = { batch: sizeOf(batch), m, k, n, aStep, bStep, transposed }
    return this.like(this.backend.matmul(a, b, sizes), [...batch, m, n])
  }

  /** The storage for a batch of (rows, cols) matrices, and the step between them: 0 when one serves all. */
  #batched(batch: Shape, rows: number, cols: number): [Storage, number] {
    const own = this.shape.slice(0, -2)
    if (sizeOf(own) === 1) return [this.plain('matmul'), 0]
    const whole = sameShape(own, batch) ? this : this.expand([...batch, rows, cols])
    return [whole.plain('matmul'), rows * cols]
  }

  /** x W^T + b with a weight (out, in), as torch's Linear. Throws ShapeError SHAPE. */
  linear(weight: Tensor, bias?: Tensor): Tensor {
    return this.#affine(weight, bias, 'linear')
  }

  /** x W + b with a weight (in, out), as GPT-2's Conv1D. Throws ShapeError SHAPE. */
  conv1d(weight: Tensor, bias?: Tensor): Tensor {
    return this.#affine(weight, bias, 'conv1d')
  }

  #affine(weight: Tensor, bias: Tensor | undefined, form: 'linear' | 'conv1d'): Tensor {
    this.sameBackend(weight, form)
    const [rows, cols] = weight.dims2()
    const [n, k] = form === 'linear' ? [rows, cols] : [cols, rows]
    if (this.shape.at(-1) !== k || (bias && !sameShape(bias.shape, [n]))) {
      const biasText = bias ? ` and bias ${shapeText(bias.shape)}` : ''
      const message = `${form}: input ${shapeText(this.shape)} does not fit weight ${shapeText(weight.shape)}${biasText}`
      throw new ShapeError('SHAPE', message)
    }
    const count = sizeOf(this.shape.slice(0, -1))
    const sizes = { rows: count, k, n, form }
    const storage = this.backend.linear(this.plain(form), weight.live(form), bias?.live(form), sizes)
    return this.like(storage, [...this.shape.slice(0, -1), n])
  }

  /** e^x / sum of e^x along `dim`. */
  softmax(dim = -1): Tensor {
    return this.#alongLast(dim, 'softmax', (x, cols) => this.backend.softmax(x, cols))
  }

  /** Logarithm of the softmax along `dim`. */
  logSoftmax(dim = -1): Tensor {
    return this.#alongLast(dim, 'logSoftmax', (x, cols) => this.backend.logSoftmax(x, cols))
  }

  #alongLast(dim: number, op: string, run: (x: Storage, cols: number) => Storage): Tensor {
    const at = dimOf(this.shape, dim, op)
    const rows = this.to('float32').transpose(at, -1)
    return this.like(run(rows.plain(op), rows.shape.at(-1)!), rows.shape).transpose(at, -1)
  }

  /** (x - mean) / sqrt(variance + eps) * weight + bias along the last dim (Ba, Kiros and Hinton 2016). */
  layerNorm(weight: Tensor, bias: Tensor, eps: number): Tensor {
    const cols = this.shape.at(-1) ?? 0
    if (!sameShape(weight.shape, [cols]) || !sameShape(bias.shape, [cols])) {
      const message = `layerNorm: input ${shapeText(this.shape)} does not fit weight ${shapeText(weight.shape)}, bias ${shapeText(bias.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    this.sameBackend(weight, 'layerNorm')
    const [x, w, b] = [this.plain('layerNorm'), weight.plain('layerNorm'), bias.plain('layerNorm')]
    return this.like(this.backend.layerNorm(x, w, b, eps, cols), this.shape)
  }

  /** Rows of this table (V, C) by id: (...) int32 -> (..., C). Throws InputError ID_RANGE and names the first bad id. */
  embedding(ids: Tensor): Tensor {
    this.sameBackend(ids, 'embedding')
    const [V, C] = this.dims2()
    const bad = ids.data.findIndex(id => !Number.isInteger(id) || id < 0 || id >= V)
    if (bad >= 0) {
      throw new InputError('ID_RANGE', `embedding: id ${ids.data[bad]} at place ${bad} is outside a table of ${V} rows`)
    }
    return this.like(this.backend.embedding(this.live('embedding'), ids.to('int32').live('embedding'), C), [
      ...ids.shape,
      C,
    ])
  }

  /** out[.., j, ..] = this[.., index[.., j, ..], ..] along `dim` (PyTorch's gather). Throws ShapeError SHAPE, INDEX. */
  gather(dim: number, index: Tensor): Tensor {
    this.sameBackend(index, 'gather')
    const at = dimOf(this.shape, dim, 'gather')
    const fits = index.rank === this.rank && index.shape.every((size, i) => i === at || size === this.shape[i])
    if (!fits) {
      throw new ShapeError(
        'SHAPE',
        `gather: index ${shapeText(index.shape)} does not fit ${shapeText(this.shape)} along dim ${dim}`,
      )
    }
    const cut = cutAt(this.shape, at)
    const bad = index.data.find(place => place < 0 || place >= cut.n)
    if (bad !== undefined)
      throw new ShapeError('INDEX', `gather: index ${bad} is outside dim ${dim} of ${shapeText(this.shape)}`)
    const places = index.to('int32').plain('gather')
    return this.like(this.backend.gather(this.plain('gather'), places, cut, index.shape[at]!), index.shape)
  }

  /**
   * Scaled dot-product attention: this (B, H, T, D) asks keys and values (B, H, capacity, D), the last T of whose `length`
   * rows are the new tokens. The matrix of probabilities is never kept. Returns (B, H, T, D).
   */
  attend(keys: Tensor, values: Tensor, options: AttendOptions = {}): Tensor {
    const sizes = this.#attentionSizes(keys, options)
    const [q, k, v] = [this.plain('attend'), keys.plain('attend'), values.plain('attend')]
    return this.like(this.backend.attention(q, k, v, options.mask?.plain('attend'), sizes), this.shape)
  }

  /** The first step of `attend`: scaled and masked scores (B, H, T, length); hidden ones are the lowest float32. */
  attentionScores(keys: Tensor, options: AttendOptions = {}): Tensor {
    const sizes = this.#attentionSizes(keys, options)
    const storage = this.backend.attentionScores(
      this.plain('attend'),
      keys.plain('attend'),
      options.mask?.plain('attend'),
      sizes,
    )
    return this.like(storage, [sizes.B, sizes.H, sizes.T, sizes.S])
  }

  /** The last step of `attend`: probabilities (B, H, T, S) times values (B, H, capacity, D) -> (B, H, T, D). */
  attentionValues(values: Tensor): Tensor {
    const [B, H, T, S] = this.dims4()
    const [, , capacity, D] = values.dims4()
    this.sameBackend(values, 'attend')
    const sizes = { B, H, T, S, capacity, D, scale: 1, causal: false, maskRows: 0 }
    return this.like(this.backend.attentionValues(this.plain('attend'), values.plain('attend'), sizes), [B, H, T, D])
  }

  #attentionSizes(keys: Tensor, { causal = false, mask, scale, length }: AttendOptions): AttentionSizes {
    this.sameBackend(keys, 'attend')
    const [B, H, T, D] = this.dims4()
    const [kB, kH, capacity, kD] = keys.dims4()
    const S = length ?? capacity
    const maskRows = mask?.shape.at(-2) ?? 0
    const maskFits = !mask || (sameShape(mask.shape, [B, 1, maskRows, S]) && (maskRows === 1 || maskRows === T))
    if (kB !== B || kH !== H || kD !== D || S > capacity || S < T || !maskFits) {
      const maskText = mask ? `, mask ${shapeText(mask.shape)}` : ''
      const message = `attend: queries ${shapeText(this.shape)} do not fit keys ${shapeText(keys.shape)} of length ${S}${maskText}`
      throw new ShapeError('SHAPE', message)
    }
    return { B, H, T, S, capacity, D, scale: scale ?? 1 / Math.sqrt(D), causal, maskRows }
  }
}

/** Joined along a dim where they may differ in size. Throws ShapeError SHAPE when the other dims differ. */
export function concat(parts: readonly Tensor[], dim = 0): Tensor {
  const [first] = parts
  if (!first) throw new ShapeError('EMPTY', 'concat: nothing to join')
  const at = dimOf(first.shape, dim, 'concat')
  for (const part of parts) {
    const fits = part.rank === first.rank && part.shape.every((size, i) => i === at || size === first.shape[i])
    if (!fits || part.dtype !== first.dtype || part.backend !== first.backend) {
      throw new ShapeError('SHAPE', `concat: ${String(part)} does not join ${String(first)} along dim ${dim}`)
    }
  }
  const storages = parts.map(part => part.reshape(part.shape).storage)
  const cuts = parts.map(part => cutAt(part.shape, at))
  const size = cuts.reduce((sum, { n }) => sum + n, 0)
  return new Tensor(
    first.backend.concat(storages, cuts),
    first.shape.map((n, i) => (i === at ? size : n)),
  )
}

/** Joined along a new dim. */
export function stack(parts: readonly Tensor[], dim = 0): Tensor {
  return concat(
    parts.map(part => part.unsqueeze(dim)),
    dim,
  )
}
