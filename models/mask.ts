// Attention masks and head masks: what users hand in, as numbers to add to scores and factors of probabilities.
import type { Backend } from '../src/backend.ts'
import { InputError } from '../src/errors.ts'
import type { AttentionContext } from '../src/nn/attention.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { type Shape, shapeText, sizeOf } from '../src/shape.ts'
import type { Tensor } from '../src/tensor/tensor.ts'
import { type Ids, itemsOf, type NumbersLike, readNumbers } from './inputs.ts'

/**
 * Which tokens may be looked at: ones and zeros (or true and false), one for each token (B, S), or for BERT one for
 * each pair of tokens (B, T, S). With four dims, (B or 1, H or 1, T or 1, S), numbers that are added to the scores: 0
 * leaves them, -Infinity hides; there too, true and false may stand for seen and hidden.
 */
export type MaskLike = NumbersLike | BigInt64Array

/** The sizes of an attention: B rows of T new tokens that look at S tokens with H heads. */
export interface AttentionShape {
  readonly B: number
  readonly H: number
  readonly T: number
  readonly S: number
}

/** The lowest float32: what Hugging Face adds to the scores of hidden tokens. */
const lowest = -3.4028234663852886e38

/**
 * A mask of ones and zeros for B rows of S tokens: (B, S), also (B, 1, S) or (B, T, S). Throws InputError MASK_SHAPE or
 * MASK_VALUE.
 */
export function readMask(given: MaskLike, B: number, T: number, S: number): Ids {
  const { items, shape: own } = itemsOf(given, 'attention_mask', 'MASK_VALUE')
  const shape = own.length === 1 ? [1, ...own] : own
  const known = [`${B},${S}`, `${B},1,${S}`, `${B},${T},${S}`]
  if (!known.includes(shape.join())) {
    throw wrongShape(own, shapeText([B, S]), 'one number for each token, those in past_key_values included')
  }
  const values = new Int32Array(items.length)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const isFlag = item === true || item === false || item === 0 || item === 1 || item === 0n || item === 1n
    if (!isFlag) {
      throw new InputError('MASK_VALUE', `attention_mask: ${String(item)} at place ${i} is neither 0 nor 1`)
    }
    values[i] = Number(item)
  }
  return { values, shape }
}

function wrongShape(shape: Shape, wanted: string, hint: string): InputError {
  return new InputError('MASK_SHAPE', `attention_mask: expected the shape ${wanted}, got ${shapeText(shape)}`, { hint })
}

/** Numbers to add to scores, (B, h, t, S) where h is 1 or H and t is 1 or T. */
interface Additive {
  readonly values: Float32Array
  readonly shape: readonly [B: number, h: number, t: number, S: number]
  /** They were given as such, not as ones and zeros. */
  readonly custom: boolean
}

function readAdditive(given: MaskLike, sizes: AttentionShape): Additive {
  const { B, T, S } = sizes
  const { items, shape } = itemsOf(given, 'attention_mask', 'MASK_VALUE')
  if (shape.length === 4) return readCustom(items, shape, sizes)
  const mask = readMask(given, B, T, S)
  const values = new Float32Array(mask.values.length)
  for (let i = 0; i < values.length; i++) if (mask.values[i] === 0) values[i] = lowest
  return { values, shape: [B, 1, mask.shape.length === 3 ? mask.shape[1]! : 1, S], custom: false }
}

function readCustom(items: ArrayLike<unknown>, shape: Shape, { B, H, T, S }: AttentionShape): Additive {
  const [b, h, t, s] = shape as [number, number, number, number]
  const fits = (b === B || b === 1) && (h === H || h === 1) && (t === T || t === 1) && s === S
  if (!fits) throw wrongShape(shape, shapeText([B, H, T, S]), 'the first three may be 1')
  const values = new Float32Array(B * h * t * S)
  for (let i = 0; i < values.length; i++) {
    const item = items[i % items.length]
    if (typeof item === 'boolean') values[i] = item ? 0 : lowest
    else if (typeof item === 'number' && item < Infinity) values[i] = item
    else throw new InputError('MASK_VALUE', `attention_mask: ${String(item)} at place ${i} cannot be added to a score`)
  }
  if (values.includes(1) && values.every(value => value === 0 || value === 1)) {
    const message = 'attention_mask: a mask of four dims is added to the scores, but this one has zeros and ones'
    throw new InputError('MASK_VALUE', message, { hint: 'give 0 for seen and -Infinity for hidden, or true and false' })
  }
  return { values, shape: [B, h, t, S], custom: true }
}

/** The mask as a tensor; undefined when it changes nothing. */
function asTensor(values: Float32Array, shape: Shape, backend: Backend): Tensor | undefined {
  return values.every(value => value === 0) ? undefined : backend.tensor(values, { shape })
}

/**
 * What a text read as a whole adds to its scores: (B, h, t, S); undefined for nothing. Throws InputError as readMask.
 */
export function encoderMask(given: MaskLike, sizes: AttentionShape, backend: Backend): Tensor | undefined {
  const { values, shape } = readAdditive(given, sizes)
  return asTensor(values, shape, backend)
}

/**
 * The same for BERT as a decoder: a mask of one number a token also hides, with the same lowest number, the T new
 * tokens that are behind; one for each pair of tokens says it all.
 */
export function decoderMask(given: MaskLike, sizes: AttentionShape, backend: Backend): Tensor | undefined {
  const mask = readAdditive(given, sizes)
  if (mask.custom || mask.shape[2] !== 1 || sizes.T === 1) return asTensor(mask.values, mask.shape, backend)
  return backend.tensor(
    hideFuture(mask, sizes.T, () => lowest),
    { shape: [sizes.B, 1, sizes.T, sizes.S] },
  )
}

/**
 * The same for GPT-2, where the T new tokens are the last of S: hidden twice, as in Hugging Face, a token behind stays
 * behind also in a row of padding, which then averages what came before it. Undefined when attention itself can be
 * causal.
 */
export function causalMask(given: MaskLike, sizes: AttentionShape, backend: Backend): Tensor | undefined {
  const { B, T, S } = sizes
  const mask = readAdditive(given, sizes)
  if (!mask.custom && mask.shape[2] !== 1) {
    throw wrongShape([B, T, S], shapeText([B, S]), 'for one row a token give four dims, (B, 1, T, S)')
  }
  if (mask.values.every(value => value === 0)) return undefined
  const values = hideFuture(mask, T, value => (mask.custom ? lowest + value : -Infinity))
  return backend.tensor(values, { shape: [B, mask.shape[1], T, S] })
}

/**
 * A mask with a row for each of T new tokens, where what is behind the token gets the number that `hidden` makes of it.
 */
function hideFuture(
  { values, shape: [B, h, t, S] }: Additive,
  T: number,
  hidden: (value: number) => number,
): Float32Array {
  const out = new Float32Array(B * h * T * S)
  for (let row = 0; row < B * h * T; row++) {
    const token = row % T
    const from = (Math.floor(row / T) * t + (t === 1 ? 0 : token)) * S
    for (let s = 0; s < S; s++) {
      const value = values[from + s]!
      out[row * S + s] = s > S - T + token ? hidden(value) : value
    }
  }
  return out
}

/**
 * Factors of attention probabilities, 0 to turn a head off: (H) for all layers, (L, H), or (L, B, H, T, S) where all
 * but L may be 1.
 */
export type HeadMaskLike = NumbersLike

/**
 * The factors for each layer, (B or 1, H or 1, T or 1, S or 1). `heads` are the heads of each layer. Throws InputError
 * SHAPE, and what readNumbers throws.
 */
function readHeadMask(
  given: HeadMaskLike,
  heads: readonly number[],
  { B, T, S }: Omit<AttentionShape, 'H'>,
  backend: Backend,
): Tensor[] {
  const { values, shape } = readNumbers(given, 'head_mask')
  const L = heads.length
  const five =
    shape.length === 1 ? [1, 1, ...shape, 1, 1] : shape.length === 2 ? [shape[0]!, 1, shape[1]!, 1, 1] : shape
  const fits = (H: number): boolean =>
    five.length === 5 &&
    [L, B, H, T, S].every((size, i) => five[i] === size || (five[i] === 1 && (i > 0 || shape.length === 1)))
  const wrong = heads.find(H => !fits(H))
  if (wrong !== undefined) {
    const wanted = `(${wrong}), (${L}, ${wrong}) or ${shapeText([L, B, wrong, T, S])}`
    throw new InputError('SHAPE', `head_mask: expected the shape ${wanted}, got ${shapeText(shape)}`)
  }
  const inner = five.slice(1)
  const step = shape.length === 1 ? 0 : sizeOf(inner)
  return heads.map((_, layer) =>
    backend.tensor(values.slice(layer * step, layer * step + sizeOf(inner)), { shape: inner }),
  )
}

/** What the attention of each layer gets of a call's masks and of the cache; `heads` are the heads of each layer. */
export function layerContexts(
  { mask, causal, head_mask }: { mask: Tensor | undefined; causal: boolean; head_mask: HeadMaskLike | undefined },
  heads: readonly number[],
  sizes: AttentionShape,
  cache: DynamicCache | undefined,
  backend: Backend,
): AttentionContext[] {
  const headMasks = head_mask === undefined ? undefined : readHeadMask(head_mask, heads, sizes, backend)
  return heads.map((_, layer) => ({ causal, mask, headMask: headMasks?.[layer], past: cache?.layer(layer) }))
}
