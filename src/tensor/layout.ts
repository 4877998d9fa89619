// The part of Tensor that moves elements without changing them.
import { ShapeError, valueText } from '../errors.ts'
import { cutAt, dimOf, dimsOf, resolveShape, type Shape, sameShape, shapeText, stepsOf } from '../shape.ts'
import { checkWhole } from './arguments.ts'
import { ElementwiseTensor } from './elementwise.ts'
import type { Tensor } from './tensor.ts'

export abstract class LayoutTensor extends ElementwiseTensor {
  /** The same elements under another shape, free of charge; one dim may be -1. Throws ShapeError SHAPE. */
  reshape(shape: Shape): Tensor {
    return this.reshaped(resolveShape(shape, this.size, this.shape), 'reshape')
  }

  /** The same for a shape that is known to fit. */
  protected reshaped(shape: Shape, op: string): Tensor {
    return this.like(this.plain(op), shape)
  }

  /** Adds a dim of size 1 before `dim`. */
  unsqueeze(dim: number): Tensor {
    const at = dimOf([...this.shape, 1], dim, 'unsqueeze')
    return this.reshaped([...this.shape.slice(0, at), 1, ...this.shape.slice(at)], 'unsqueeze')
  }

  /** Drops these dims, or all, where they have size 1; larger ones stay. */
  squeeze(dim?: number | readonly number[]): Tensor {
    const dims = this.rank === 0 ? [] : dimsOf(this.shape, dim, 'squeeze')
    const shape = this.shape.filter((size, i) => size !== 1 || !dims.includes(i))
    return this.reshaped(shape, 'squeeze')
  }

  /** Dims in another order: `permute([0, 2, 1, 3])`. Throws ShapeError PERMUTE unless each dim is named once. */
  permute(order: readonly number[]): Tensor {
    if (!Array.isArray(order))
      throw new ShapeError('PERMUTE', `permute: expected a list of dims, got ${valueText(order)}`)
    const dims = order.map((dim: number) => dimOf(this.shape, dim, 'permute'))
    if (new Set(dims).size !== this.rank || dims.length !== this.rank) {
      const message = `permute: ${shapeText(order)} does not name each dim of ${shapeText(this.shape)} once`
      throw new ShapeError('PERMUTE', message)
    }
    return this.permuted(dims, 'permute')
  }

  /** The same for dims that are known to be all of them. */
  protected permuted(dims: readonly number[], op: string): Tensor {
    const shape = dims.map(dim => this.shape[dim]!)
    const moved = dims.filter(dim => this.shape[dim] !== 1)
    if (moved.every((dim, i) => i === 0 || dim > moved[i - 1]!)) return this.reshaped(shape, op)
    const x = this.plain(op)
    const [A, B, C, n] = this.shape
    if (sameShape(dims, [0, 2, 1, 3])) return this.like(this.backend.swapAxes(x, A!, B!, C!, n!), shape)
    const steps = stepsOf(this.shape)
    const moves = dims.map(dim => steps[dim]!)
    return this.like(this.backend.gatherSteps(x, shape, moves), shape)
  }

  /** Two dims exchanged. */
  transpose(a: number, b: number): Tensor {
    const [i, j] = [dimOf(this.shape, a, 'transpose'), dimOf(this.shape, b, 'transpose')]
    const dims = this.shape.map((_, dim) => (dim === i ? j : dim === j ? i : dim))
    return this.permuted(dims, 'transpose')
  }

  /**
   * Places start..end of a dim; negative numbers count from the end, and those outside of the dim are moved to its
   * ends, as in slices of arrays. Throws ShapeError BAD_TYPE for what is no whole number, RANK for a single number.
   */
  slice(dim: number, start: number, end?: number): Tensor {
    const at = this.#dim(dim, 'slice')
    const size = this.shape[at]!
    const from = this.#place(start, 'start', size)
    const length = Math.max((end === undefined ? size : this.#place(end, 'end', size)) - from, 0)
    return this.sliced(at, from, length, 'slice')
  }

  /** `length` places of a dim, which are known to be there. */
  protected sliced(at: number, from: number, length: number, op: string): Tensor {
    const shape = this.shape.map((size, i) => (i === at ? length : size))
    if (length === this.shape[at]) return this.reshaped(shape, op)
    return this.like(this.backend.slice(this.plain(op), cutAt(this.shape, at), from, length), shape)
  }

  #place(place: number, name: string, size: number): number {
    checkWhole(place, name, 'slice')
    return Math.min(Math.max(place < 0 ? place + size : place, 0), size)
  }

  /** As dimOf, and refuses a single number, which has no places to choose from. */
  #dim(dim: number, op: string): number {
    if (this.rank > 0) return dimOf(this.shape, dim, op)
    throw new ShapeError('RANK', `${op}: a single number has no dims`)
  }

  /**
   * One place of a dim, which disappears: `select(1, 0)` of (B, T, C) is the first token (B, C). Throws ShapeError
   * INDEX.
   */
  select(dim: number, index: number): Tensor {
    const at = this.#dim(dim, 'select')
    const size = this.shape[at]!
    const place = Number.isInteger(index) ? (index < 0 ? index + size : index) : -1
    if (place < 0 || place >= size) {
      throw new ShapeError('INDEX', `select: ${valueText(index)} is outside dim ${dim} of ${shapeText(this.shape)}`)
    }
    const rest = this.shape.filter((_, i) => i !== at)
    return this.sliced(at, place, 1, 'select').reshaped(rest, 'select')
  }

  /**
   * Cut along a dim into parts of one size, of which the last may be smaller, or of the sizes given. Throws ShapeError
   * SPLIT.
   */
  split(sizes: number | readonly number[], dim = 0): Tensor[] {
    const at = this.#dim(dim, 'split')
    const total = this.shape[at]!
    let end = 0
    return this.#partSizes(sizes, total).map(size => this.sliced(at, (end += size) - size, size, 'split'))
  }

  #partSizes(sizes: number | readonly number[], total: number): readonly number[] {
    if (typeof sizes === 'number') {
      if (!Number.isInteger(sizes) || sizes < 0 || (sizes === 0 && total > 0)) {
        throw new ShapeError('SPLIT', `split: ${total} places cannot be cut into parts of ${sizes}`)
      }
      const count = total === 0 ? 1 : Math.ceil(total / sizes)
      return Array.from({ length: count }, (_, i) => Math.min(sizes, total - i * sizes))
    }
    const isFine = Array.isArray(sizes) && sizes.every((size: number) => Number.isInteger(size) && size >= 0)
    if (isFine && sizes.reduce((a, b) => a + b, 0) === total) return sizes
    const text = Array.isArray(sizes) ? `parts of ${shapeText(sizes)}` : valueText(sizes)
    throw new ShapeError('SPLIT', `split: ${total} places cannot be cut into ${text}`, {
      hint: 'sizes are whole numbers that add up to the size of the dim',
    })
  }

  /**
   * (..., 3C) -> three of (..., C): queries, keys and values. Throws ShapeError SPLIT when 3 does not divide the last
   * dim.
   */
  split3(): [Tensor, Tensor, Tensor] {
    const width = this.shape.at(-1) ?? 0
    if (this.rank === 0 || width % 3 !== 0) {
      throw new ShapeError('SPLIT', `split3: the last dim of ${shapeText(this.shape)} is no multiple of 3`)
    }
    const part = (i: number) => this.sliced(this.rank - 1, (i * width) / 3, width / 3, 'split3')
    return [part(0), part(1), part(2)]
  }

  /** One dim, or several, in reverse order. */
  flip(dims: number | readonly number[]): Tensor {
    const named = Array.isArray(dims) && dims.length === 0 ? [] : dimsOf(this.shape, [dims].flat(), 'flip')
    const flipped = named.filter(dim => this.rank > 0 && this.shape[dim]! > 1)
    const whole = this.reshaped(this.shape, 'flip')
    if (flipped.length === 0 || this.size === 0) return whole
    return this.inSteps('flip', () => flipped.reduce((x, dim) => x.flipped(dim), whole))
  }

  /** One dim reversed: its places taken in falling order. */
  protected flipped(dim: number): Tensor {
    const n = this.shape[dim]!
    const falling = this.backend.arange(n - 1, -1, -1).reshape(this.shape.map((_, i) => (i === dim ? n : 1)))
    const index = falling.spread(this.shape, 'int32', 'flip')
    return this.like(this.backend.gather(this.plain('flip'), index, cutAt(this.shape, dim), n), this.shape)
  }

  /**
   * (B, T, H D) -> (B, H, T, D): one part of the width for each of the H heads. Throws ShapeError HEADS when H does not
   * divide it.
   */
  heads(H: number): Tensor {
    const [B, T, C] = this.dims3('heads')
    if (!Number.isInteger(H) || H < 1 || C % H !== 0) {
      throw new ShapeError(
        'HEADS',
        `heads: the width of ${shapeText(this.shape)} cannot be shared by ${valueText(H)} heads`,
      )
    }
    return this.reshaped([B, T, H, C / H], 'heads').permuted([0, 2, 1, 3], 'heads')
  }

  /** (B, H, T, D) -> (B, T, H D): the heads side by side again. */
  merge(): Tensor {
    const [B, H, T, D] = this.dims4('merge')
    return this.permuted([0, 2, 1, 3], 'merge').reshaped([B, T, H * D], 'merge')
  }
}
