// The part of Tensor that moves elements without changing them.
import { ShapeError } from '../errors.ts'
import { cutAt, dimOf, resolveShape, type Shape, sameShape, shapeText, stepsOf } from '../shape.ts'
import { ElementwiseTensor } from './elementwise.ts'
import type { Tensor } from './tensor.ts'

export abstract class LayoutTensor extends ElementwiseTensor {
  /** The same elements under another shape, free of charge; one dim may be -1. Throws ShapeError SHAPE. */
  reshape(shape: Shape): Tensor {
    return this.like(this.plain('reshape'), resolveShape(shape, this.size, this.shape))
  }

  /** Adds a dim of size 1 before `dim`. */
  unsqueeze(dim: number): Tensor {
    const at = dimOf([...this.shape, 1], dim, 'unsqueeze')
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)])
  }

  /** Drops a dim of size 1. Throws ShapeError SHAPE when it is larger. */
  squeeze(dim: number): Tensor {
    const at = dimOf(this.shape, dim, 'squeeze')
    return this.reshape(this.shape.filter((_, i) => i !== at))
  }

  /** Dims in another order: `permute([0, 2, 1, 3])`. Throws ShapeError PERMUTE unless each dim is named once. */
  permute(order: readonly number[]): Tensor {
    const dims = order.map(dim => dimOf(this.shape, dim, 'permute'))
    if (new Set(dims).size !== this.rank || dims.length !== this.rank) {
      throw new ShapeError(
        'PERMUTE',
        `permute: ${shapeText(order)} does not name each dim of ${shapeText(this.shape)} once`,
      )
    }
    const shape = dims.map(dim => this.shape[dim]!)
    const moved = dims.filter(dim => this.shape[dim] !== 1)
    if (moved.every((dim, i) => i === 0 || dim > moved[i - 1]!)) return this.reshape(shape)
    const x = this.plain('permute')
    const [A, B, C, n] = this.shape
    if (sameShape(dims, [0, 2, 1, 3])) return this.like(this.backend.swapAxes(x, A!, B!, C!, n!), shape)
    const steps = stepsOf(this.shape)
    return this.like(
      this.backend.gatherSteps(
        x,
        shape,
        dims.map(dim => steps[dim]!),
      ),
      shape,
    )
  }

  /** Two dims exchanged. */
  transpose(a: number, b: number): Tensor {
    const [i, j] = [dimOf(this.shape, a, 'transpose'), dimOf(this.shape, b, 'transpose')]
    return this.permute(this.shape.map((_, dim) => (dim === i ? j : dim === j ? i : dim)))
  }

  /** Places start..end of a dim; negative numbers count from the end, as slices of arrays do. */
  slice(dim: number, start: number, end: number = this.shape[dimOf(this.shape, dim, 'slice')]!): Tensor {
    const at = dimOf(this.shape, dim, 'slice')
    const cut = cutAt(this.shape, at)
    const from = clamp(start < 0 ? start + cut.n : start, cut.n)
    const length = Math.max(clamp(end < 0 ? end + cut.n : end, cut.n) - from, 0)
    const shape = this.shape.map((size, i) => (i === at ? length : size))
    if (length === cut.n) return this.reshape(shape)
    return this.like(this.backend.slice(this.plain('slice'), cut, from, length), shape)
  }

  /** One place of a dim, which disappears: `select(1, 0)` of (B, T, C) is the first token (B, C). Throws ShapeError INDEX. */
  select(dim: number, index: number): Tensor {
    const at = dimOf(this.shape, dim, 'select')
    const size = this.shape[at]!
    const place = index < 0 ? index + size : index
    if (!Number.isInteger(place) || place < 0 || place >= size) {
      throw new ShapeError('INDEX', `select: ${index} is outside dim ${dim} of ${shapeText(this.shape)}`)
    }
    return this.slice(at, place, place + 1).squeeze(at)
  }

  /** Cut into parts of `size` along a dim; the last one may be smaller (PyTorch's split). */
  split(size: number, dim: number): Tensor[] {
    const total = this.shape[dimOf(this.shape, dim, 'split')]!
    if (!Number.isInteger(size) || size < 1) throw new ShapeError('SPLIT', `split: parts of ${size} are not possible`)
    return Array.from({ length: Math.ceil(total / size) }, (_, i) =>
      this.slice(dim, i * size, Math.min((i + 1) * size, total)),
    )
  }

  /** (..., 3C) -> three of (..., C): queries, keys and values. Throws ShapeError SPLIT when 3 does not divide the last dim. */
  split3(): [Tensor, Tensor, Tensor] {
    const width = this.shape.at(-1) ?? 0
    if (width % 3 !== 0)
      throw new ShapeError('SPLIT', `split3: the last dim of ${shapeText(this.shape)} is no multiple of 3`)
    const part = (i: number) => this.slice(-1, (i * width) / 3, ((i + 1) * width) / 3)
    return [part(0), part(1), part(2)]
  }

  /** (B, T, H D) -> (B, H, T, D): one part of the width for each of the H heads. */
  heads(H: number): Tensor {
    const [B, T, C] = this.dims3()
    return this.reshape([B, T, H, C / H]).permute([0, 2, 1, 3])
  }

  /** (B, H, T, D) -> (B, T, H D): the heads side by side again. */
  merge(): Tensor {
    const [B, H, T, D] = this.dims4()
    return this.permute([0, 2, 1, 3]).reshape([B, T, H * D])
  }
}

function clamp(place: number, size: number): number {
  return Math.min(Math.max(Math.trunc(place), 0), size)
}
