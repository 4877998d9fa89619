// The part of Tensor that attends: scaled dot-product attention (Vaswani et al. 2017), whole and in steps, and the rows
// it reads.
import type { AttentionSizes, Storage } from '../backend.ts'
import { ShapeError } from '../errors.ts'
import { type Shape, sameShape, shapeText } from '../shape.ts'
import { checkFlag, checkNumber, checkOptions, checkWhole } from './arguments.ts'
import { ChooseTensor } from './choose.ts'
import type { Tensor } from './tensor.ts'

export interface AttendOptions {
  /** Token t sees no token behind it. */
  causal?: boolean | undefined
  /** Added to the scores: (B, 1, 1, S) or (B, 1, T, S); with B = 1 the same for the whole batch. */
  mask?: Tensor | undefined
  /** Factor of the scores; 1 / sqrt(D) unless given. */
  scale?: number | undefined
  /** How many rows of keys and values count; all of them unless given. */
  length?: number | undefined
}

const optionNames = ['causal', 'mask', 'scale', 'length'] satisfies (keyof AttendOptions)[]

export abstract class AttentionTensor extends ChooseTensor {
  /**
   * Scaled dot-product attention: this (B, H, T, D) asks keys and values (B, H, capacity, D), of whose rows the first
   * `length` count; when it is causal the last T of them are the new tokens. The matrix of probabilities is never kept.
   * Returns (B, H, T, D). Throws ShapeError SHAPE.
   */
  attend(keys: Tensor, values: Tensor, options: AttendOptions = {}): Tensor {
    const { sizes, k, mask } = this.#asked('attend', keys, options)
    const v = this.operand(values, 'values', 'attend')
    if (!sameShape(v.shape, keys.shape)) {
      const message = `attend: values ${shapeText(v.shape)} do not fit keys ${shapeText(keys.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    return this.like(this.backend.attention(this.floats('attend'), k, v.floats('attend'), mask, sizes), this.shape)
  }

  /** The first step of `attend`: scaled and masked scores (B, H, T, length); hidden ones are the lowest float32. */
  attentionScores(keys: Tensor, options: AttendOptions = {}): Tensor {
    const { sizes, k, mask } = this.#asked('attentionScores', keys, options)
    const shape = [sizes.B, sizes.H, sizes.T, sizes.S]
    return this.like(this.backend.attentionScores(this.floats('attentionScores'), k, mask, sizes), shape)
  }

  /**
   * The last step of `attend`: probabilities (B, H, T, S) times the first S of values (B, H, capacity, D) -> (B, H, T,
   * D).
   */
  attentionValues(values: Tensor): Tensor {
    const op = 'attentionValues'
    const [B, H, T, S] = this.dims4(op)
    const v = this.operand(values, 'values', op)
    const [vB, vH, capacity, D] = v.dims4(op)
    if (vB !== B || vH !== H || capacity < S) {
      const message = `${op}: probabilities ${shapeText(this.shape)} do not fit values ${shapeText(v.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    const sizes = { B, H, T, S, capacity, D, scale: 1, causal: false, maskRows: 0 }
    return this.like(this.backend.attentionValues(this.floats(op), v.floats(op), sizes), [B, H, T, D])
  }

  /**
   * Writes rows (B, H, T, D) behind the first `filled` of this (B, H, capacity, D), in place where the back end can:
   * what is returned takes the place of this, which must not be used any more. Throws ShapeError SHAPE.
   */
  append(rows: Tensor, filled: number): Tensor {
    const [B, H, capacity, D] = this.dims4('append')
    const x = this.operand(rows, 'the new rows', 'append')
    checkWhole(filled, 'filled', 'append', 0)
    const [xB, xH, added, xD] = x.dims4('append')
    if (xB !== B || xH !== H || xD !== D || filled + added > capacity) {
      const message = `append: rows ${shapeText(x.shape)} do not fit behind ${filled} rows of ${shapeText(this.shape)}`
      throw new ShapeError('SHAPE', message)
    }
    const sizes = { blocks: B * H, capacity, filled, added, inner: D }
    const storage = this.backend.append(this.live('append'), x.typed(this.dtype, 'append'), sizes)
    if (storage !== this.storage) this.dispose()
    return this.like(storage, this.shape)
  }

  #asked(
    op: string,
    keys: Tensor,
    options: AttendOptions,
  ): { sizes: AttentionSizes; k: Storage; mask: Storage | undefined } {
    checkOptions(options, optionNames, op)
    const [B, H, T, D] = this.dims4(op)
    const k = this.operand(keys, 'keys', op)
    const [kB, kH, capacity, kD] = k.dims4(op)
    const { causal = false, scale = 1 / Math.sqrt(D), length: S = capacity } = options
    checkFlag(causal, 'causal', op)
    checkNumber(scale, 'scale', op)
    checkWhole(S, 'length', op, 0)
    if (kB !== B || kH !== H || kD !== D || S > capacity || (causal && S < T)) {
      const message = `${op}: queries ${shapeText(this.shape)} do not fit keys ${shapeText(k.shape)} of length ${S}`
      throw new ShapeError('SHAPE', message)
    }
    const mask = options.mask === undefined ? undefined : this.operand(options.mask, 'the mask', op)
    const maskRows = mask ? this.#maskRows(mask, [B, 1, T, S], op) : 0
    return {
      sizes: { B, H, T, S, capacity, D, scale, causal, maskRows },
      k: k.floats(op),
      mask: mask?.spread([B, 1, maskRows, S], 'float32', op),
    }
  }

  /** 1 or T. */
  #maskRows(mask: Tensor, wanted: Shape, op: string): number {
    const [B, H, T, S] = wanted as [number, number, number, number]
    const [batch = 0, heads, rows = 0, cols] = mask.shape
    const fits =
      mask.rank === 4 && (batch === B || batch === 1) && heads === H && (rows === T || rows === 1) && cols === S
    if (fits) return rows
    const message = `${op}: the mask ${shapeText(mask.shape)} does not fit scores of ${shapeText(wanted)}`
    throw new ShapeError('SHAPE', message)
  }
}
