// The part of Tensor that chooses elements: by condition, by bounds, by place.
import { InputError, ShapeError, valueText } from '../errors.ts'
import { broadcastShape, cutAt, dimOf, shapeText, sizeOf } from '../shape.ts'
import { commonType } from './elementwise.ts'
import { OrderTensor } from './order.ts'
import type { Tensor } from './tensor.ts'

export abstract class ChooseTensor extends OrderTensor {
  /** this where `condition` is not 0, else `other`; all three broadcast. Throws ShapeError SHAPE. */
  where(condition: Tensor, other: Tensor | number): Tensor {
    return this.#chosen(condition, other, 'where')
  }

  /**
   * `value` where `mask` is not 0, this elsewhere (PyTorch's masked_fill); the two broadcast. Throws ShapeError SHAPE.
   */
  maskedFill(mask: Tensor, value: number): Tensor {
    const op = 'maskedFill'
    const covered = this.operand(mask, 'the mask', op)
    if (typeof value !== 'number') {
      throw new ShapeError('BAD_TYPE', `${op}: the value must be a number, got ${valueText(value)}`)
    }
    return this.inSteps(op, () => this.#chosen(covered.eq(0), value, op))
  }

  #chosen(condition: Tensor, other: Tensor | number, op: string): Tensor {
    if (typeof other === 'number') return this.inSteps(op, () => this.#chosen(condition, this.number(other, op), op))
    const right = this.operand(other, 'the other operand', op)
    const chosen = this.operand(condition, 'the condition', op)
    const shape = broadcastShape(broadcastShape(this.shape, right.shape, op), chosen.shape, op)
    // NaN is not 0, but JavaScript's conditions take it for false.
    if (chosen.dtype === 'float32') return this.inSteps(op, () => this.#chosen(chosen.ne(0), right, op))
    const dtype = commonType(this.dtype, right.dtype)
    const [a, b] = [this.spread(shape, dtype, op), right.spread(shape, dtype, op)]
    return this.like(this.backend.where(chosen.spread(shape, 'int32', op), a, b), shape)
  }

  /**
   * No less than `min` and no more than `max`, either of which may be left out; where they cross, `max`. Throws
   * ShapeError BAD_TYPE.
   */
  clamp(min?: Tensor | number, max?: Tensor | number): Tensor {
    if (min === undefined && max === undefined) throw new ShapeError('BAD_TYPE', 'clamp: expected min, max or both')
    let { shape } = this
    for (const bound of [min, max]) {
      if (bound === undefined || typeof bound === 'number') continue
      shape = broadcastShape(shape, this.operand(bound, 'a bound', 'clamp').shape, 'clamp')
    }
    return this.inSteps('clamp', () => {
      const raised = min === undefined ? this.reshaped(this.shape, 'clamp') : this.maximum(min)
      return max === undefined ? raised : raised.minimum(max)
    })
  }

  /**
   * out[.., j, ..] = this[.., index[.., j, ..], ..] along `dim`; in the other dims the index may be smaller than this
   * (PyTorch's gather). Throws ShapeError SHAPE, INDEX.
   */
  gather(dim: number, index: Tensor): Tensor {
    const at = dimOf(this.shape, dim, 'gather')
    const places = this.operand(index, 'the index', 'gather')
    if (places.rank !== this.rank || places.shape.some((size, i) => i !== at && size > this.shape[i]!)) {
      const message = `gather: index ${shapeText(places.shape)} does not fit ${shapeText(this.shape)} along dim ${dim}`
      throw new ShapeError('SHAPE', message)
    }
    const n = this.shape[at] ?? 1
    const bad = places.data.find(place => !Number.isInteger(place) || place < 0 || place >= n)
    if (bad !== undefined) {
      throw new ShapeError('INDEX', `gather: index ${bad} is outside dim ${dim} of ${shapeText(this.shape)}`)
    }
    return this.inSteps('gather', () => {
      const part = places.shape.reduce<Tensor>(
        (x, size, i) => (i === at ? x : x.sliced(i, 0, size, 'gather')),
        this.reshaped(this.shape, 'gather'),
      )
      const m = places.shape[at] ?? 1
      const found = this.backend.gather(part.plain('gather'), places.typed('int32', 'gather'), cutAt(part.shape, at), m)
      return this.like(found, places.shape)
    })
  }

  /** Rows of this table (V, C) by id: (...) -> (..., C). Throws InputError ID_RANGE and names the first bad id. */
  embedding(ids: Tensor): Tensor {
    const places = this.operand(ids, 'the ids', 'embedding')
    const [V, C] = this.dims2('embedding')
    const values = places.data
    const bad = values.findIndex(id => !Number.isInteger(id) || id < 0 || id >= V)
    if (bad >= 0) {
      throw new InputError('ID_RANGE', `embedding: id ${values[bad]} at place ${bad} is outside a table of ${V} rows`)
    }
    const shape = [...places.shape, C]
    sizeOf(shape, 'embedding')
    const table = this.dtype === 'float32' ? this.live('embedding') : this.floats('embedding')
    return this.like(this.backend.embedding(table, places.typed('int32', 'embedding'), C), shape)
  }
}
