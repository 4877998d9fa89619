// What a user hands to a model: ids and masks as nested arrays, typed arrays or tensors, checked before they reach a kernel.
import type { Backend } from '../src/backend.ts'
import { InputError } from '../src/errors.ts'
import { type Shape, shapeText } from '../src/shape.ts'
import { Tensor } from '../src/tensor/tensor.ts'

type Whole = number | bigint
/** Token ids and the like: one row, or a batch of rows. */
export type IdsLike = Tensor | readonly Whole[] | readonly (readonly Whole[])[] | Int32Array | BigInt64Array
/** A mask: as ids, or with one row for each new token (B, T, S). */
export type MaskLike = IdsLike | readonly (readonly (readonly Whole[])[])[]

/** Checked whole numbers of shape (B, T), or (B, T, S) for a mask. */
export interface Ids {
  readonly values: Int32Array
  readonly shape: Shape
}

/** Rows of token ids below `limit`. Throws InputError EMPTY_INPUT, RAGGED, ID_TYPE, ID_RANGE or SHAPE. */
export function readIds(given: IdsLike, name: string, limit: number): Ids {
  const ids = readWhole(given, name)
  if (ids.shape.length !== 2) {
    throw new InputError('SHAPE', `${name}: expected one row or a batch of rows, got the shape ${shapeText(ids.shape)}`)
  }
  const bad = ids.values.findIndex(id => id < 0 || id >= limit)
  if (bad >= 0) {
    const [, T = 1] = ids.shape
    const message = `${name}: ${ids.values[bad]} in row ${Math.floor(bad / T)}, place ${bad % T} is not in 0..${limit - 1}`
    throw new InputError('ID_RANGE', message, { id: ids.values[bad], limit })
  }
  return ids
}

/** A mask of ones and zeros for B rows of S tokens: (B, S), or (B, T, S). Throws InputError MASK_SHAPE or MASK_VALUE. */
export function readMask(given: MaskLike, B: number, T: number, S: number): Ids {
  const mask = readWhole(given, 'attention_mask')
  const fits = shapeText(mask.shape) === shapeText([B, S]) || shapeText(mask.shape) === shapeText([B, T, S])
  if (!fits) {
    const message = `attention_mask: expected the shape ${shapeText([B, S])}, got ${shapeText(mask.shape)}`
    throw new InputError('MASK_SHAPE', message, {
      hint: 'one number for each token, those in past_key_values included',
    })
  }
  const bad = mask.values.findIndex(value => value !== 0 && value !== 1)
  if (bad >= 0)
    throw new InputError('MASK_VALUE', `attention_mask: ${mask.values[bad]} at place ${bad} is neither 0 nor 1`)
  return mask
}

function readWhole(given: MaskLike, name: string): Ids {
  if (given instanceof Tensor) return checked(given.data, given.shape, name)
  if (ArrayBuffer.isView(given)) return checked(given, [given.length], name)
  if (!Array.isArray(given)) {
    throw new InputError('ID_TYPE', `${name}: expected lists of whole numbers or a Tensor, got ${typeof given}`)
  }
  const flat: unknown[] = []
  return checked(flat, flattenInto(flat, given, name), name)
}

function flattenInto(flat: unknown[], list: readonly unknown[], name: string): number[] {
  let inner: number[] | undefined
  for (const item of list) {
    const shape: number[] = Array.isArray(item) || ArrayBuffer.isView(item) ? flattenInto(flat, listOf(item), name) : []
    if (shape.length === 0 && !Array.isArray(item)) flat.push(item)
    if (inner && inner.join() !== shape.join()) {
      throw new InputError('RAGGED', `${name}: rows of different lengths, ${inner[0] ?? 0} and ${shape[0] ?? 0}`, {
        hint: 'pass { padding: true } to the tokenizer',
      })
    }
    inner = shape
  }
  return [list.length, ...(inner ?? [])]
}

function listOf(item: unknown): readonly unknown[] {
  if (Array.isArray(item)) return item
  return item instanceof BigInt64Array || item instanceof Int32Array ? Array.from<unknown>(item) : []
}

function checked(values: ArrayLike<unknown>, shape: Shape, name: string): Ids {
  if (values.length === 0) {
    throw new InputError(
      'EMPTY_INPUT',
      `${name}: got the shape ${shapeText(shape)}, but a model needs at least one token`,
    )
  }
  const out = new Int32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) >= 2 ** 31) {
      const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
      throw new InputError('ID_TYPE', `${name}: ${text} at place ${i} is not a whole number`)
    }
    out[i] = number
  }
  return { values: out, shape: shape.length === 1 ? [1, ...shape] : shape }
}

export type EmbedsLike = Tensor | readonly (readonly (readonly number[])[])[]

/** The tokens of a batch of B rows of T: int32 ids (B, T), or embeddings (B, T, C) in their place. */
export type Tokens = { readonly B: number; readonly T: number } & (
  | { readonly ids: Tensor; readonly embeds?: undefined }
  | { readonly ids?: undefined; readonly embeds: Tensor }
)

/** One of input_ids and inputs_embeds. Throws InputError INPUT_CHOICE for both or neither, SHAPE, and what readIds throws. */
export function readTokens(
  { input_ids, inputs_embeds }: { input_ids?: IdsLike; inputs_embeds?: EmbedsLike },
  V: number,
  C: number,
  backend: Backend,
): Tokens {
  if ((input_ids === undefined) === (inputs_embeds === undefined)) {
    const given = input_ids === undefined ? 'neither of them' : 'both'
    throw new InputError('INPUT_CHOICE', `expected either input_ids or inputs_embeds, got ${given}`)
  }
  if (inputs_embeds === undefined) {
    const ids = readIds(input_ids!, 'input_ids', V)
    const [B, T] = ids.shape as [number, number]
    return { B, T, ids: backend.tensor(ids.values, { shape: [B, T] }) }
  }
  const embeds = inputs_embeds instanceof Tensor ? inputs_embeds : backend.tensor(inputs_embeds)
  const [B, T, width] = embeds.shape
  if (embeds.rank !== 3 || !B || !T || width !== C) {
    throw new InputError('SHAPE', `inputs_embeds: expected (batch, tokens, ${C}), got ${shapeText(embeds.shape)}`)
  }
  return { B, T, embeds: embeds.backend === backend ? embeds : backend.tensor(embeds.data, { shape: embeds.shape }) }
}

/**
 * Places or types of the tokens, (B, T) or one row for all; `first`, `first` + 1, ... when not given. Throws what readIds
 * throws, and InputError SHAPE.
 */
export function readPlaces(
  given: IdsLike | undefined,
  name: string,
  limit: number,
  B: number,
  T: number,
  backend: Backend,
  first = 0,
): Tensor {
  if (given === undefined)
    return backend.tensor(
      Int32Array.from({ length: T }, (_, t) => first + t),
      { shape: [1, T] },
    )
  const { values, shape } = readIds(given, name, limit)
  const [rows, cols] = shape
  if ((rows !== B && rows !== 1) || (cols !== T && values.length !== 1)) {
    throw new InputError('SHAPE', `${name}: expected the shape ${shapeText([B, T])}, got ${shapeText(shape)}`)
  }
  return backend.tensor(values, { shape })
}

/** The lowest float32: what Hugging Face adds to the scores of hidden tokens. */
const lowest = -3.4028234663852886e38

/** A mask of zeros and ones as numbers to add to scores: (B, 1, 1, S) or (B, 1, T, S); undefined when it hides nothing. */
export function additiveMask(mask: Ids | undefined, backend: Backend): Tensor | undefined {
  if (!mask || mask.values.every(value => value === 1)) return undefined
  const values = Float32Array.from(mask.values, value => (value === 1 ? 0 : lowest))
  const [B = 1, ...rest] = mask.shape
  return backend.tensor(values, { shape: rest.length === 1 ? [B, 1, 1, ...rest] : [B, 1, ...rest] })
}

/**
 * The same for a model that reads from left to right: (B, 1, T, S), where the T new tokens are the last of S and see nothing
 * behind them (-Infinity), so that a row of padding averages what came before it, as in Hugging Face; undefined when the mask hides nothing, because attention itself can be causal.
 */
export function causalMask(mask: Ids | undefined, T: number, backend: Backend): Tensor | undefined {
  if (!mask || mask.values.every(value => value === 1)) return undefined
  const [B = 1, S = 1] = mask.shape
  const values = new Float32Array(B * T * S).fill(-Infinity)
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++)
      for (let s = 0; s <= S - T + t; s++) values[(b * T + t) * S + s] = mask.values[b * S + s] === 1 ? 0 : lowest
  return backend.tensor(values, { shape: [B, 1, T, S] })
}

/** Throws InputError TOO_LONG when so many tokens have no place in the model. */
export function checkLength(tokens: number, places: number, field: string): void {
  if (tokens <= places) return
  throw new InputError('TOO_LONG', `${tokens} tokens do not fit into the ${places} places (${field}) of this model`, {
    tokens,
    places,
    hint: 'shorten the text: { truncation: true } in the tokenizer',
  })
}
