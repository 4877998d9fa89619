// What a user hands to a model: ids and numbers as nested arrays, typed arrays or tensors, checked before they reach a
// kernel.
import type { Backend } from '../src/backend.ts'
import { InputError } from '../src/errors.ts'
import { type Shape, sameShape, shapeText } from '../src/shape.ts'
import { Tensor } from '../src/tensor/tensor.ts'
import { refuseTfjs } from '../src/tensor/tfjsTensor.ts'
import { warnOnce } from '../src/warnings.ts'

type Whole = number | bigint
/** Token ids and the like: one row, or a batch of rows. */
export type IdsLike = Tensor | readonly Whole[] | readonly (readonly Whole[])[] | Int32Array | BigInt64Array
/** Ids of several choices for each question: (B, choices, T). */
export type ChoicesLike = IdsLike | readonly (readonly (readonly Whole[])[])[]
/** Numbers in nested arrays of any depth. */
export type NumbersLike = Tensor | Float32Array | Int32Array | readonly NumbersItem[]
type NumbersItem = number | boolean | bigint | readonly NumbersItem[]

/** Checked whole numbers. */
export interface Ids {
  readonly values: Int32Array
  readonly shape: Shape
}

/** Rows of token ids below `limit`: (B, T). Throws InputError EMPTY_INPUT, RAGGED, ID_TYPE, ID_RANGE or SHAPE. */
export function readIds(given: IdsLike, name: string, limit: number): Ids {
  const { values, shape } = readWholes(given, name)
  const ids = { values, shape: shape.length === 1 ? [1, ...shape] : shape }
  if (ids.shape.length !== 2) {
    throw new InputError('SHAPE', `${name}: expected one row or a batch of rows, got the shape ${shapeText(shape)}`)
  }
  const bad = values.findIndex(id => id < 0 || id >= limit)
  if (bad >= 0) {
    const [, T = 1] = ids.shape
    const message = `${name}: ${values[bad]} in row ${Math.floor(bad / T)}, place ${bad % T} is not in 0..${limit - 1}`
    throw new InputError('ID_RANGE', message, { id: values[bad], limit })
  }
  return ids
}

/** Whole numbers of 32 bits in any shape. Throws InputError EMPTY_INPUT, RAGGED or ID_TYPE. */
export function readWholes(given: ChoicesLike | NumbersLike, name: string): Ids {
  const { items, shape } = itemsOf(given, name, 'ID_TYPE')
  const values = new Int32Array(items.length)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const number = typeof item === 'bigint' ? Number(item) : item
    if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) >= 2 ** 31) {
      throw new InputError('ID_TYPE', `${name}: ${described(item)} at place ${i} is not a whole number`)
    }
    values[i] = number
  }
  return { values, shape }
}

/** Numbers in any shape, true as 1 and false as 0. Throws InputError EMPTY_INPUT, RAGGED or NUMBER_TYPE. */
export function readNumbers(given: NumbersLike | ChoicesLike, name: string): { values: Float32Array; shape: Shape } {
  const { items, shape } = itemsOf(given, name, 'NUMBER_TYPE')
  const values = new Float32Array(items.length)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    const isNumber = typeof item === 'number' || typeof item === 'bigint' || typeof item === 'boolean'
    if (!isNumber || Number.isNaN(item)) {
      throw new InputError('NUMBER_TYPE', `${name}: ${described(item)} at place ${i} is not a number`)
    }
    values[i] = Number(item)
  }
  return { values, shape }
}

function described(item: unknown): string {
  return typeof item === 'string' ? JSON.stringify(item) : String(item)
}

/** The items of nested lists in one row, unchecked, and their shape. */
export function itemsOf(given: unknown, name: string, code: string): { items: ArrayLike<unknown>; shape: Shape } {
  const found = flatItems(given, name, code)
  if (found.items.length > 0) return found
  const message = `${name}: got the shape ${shapeText(found.shape)}, but a model needs at least one token`
  throw new InputError('EMPTY_INPUT', message)
}

function flatItems(given: unknown, name: string, code: string): { items: ArrayLike<unknown>; shape: Shape } {
  if (given instanceof Tensor) return { items: given.data, shape: given.shape }
  if (isTypedArray(given)) return { items: given, shape: [given.length] }
  if (!Array.isArray(given)) {
    refuseTfjs(given, name)
    throw new InputError(code, `${name}: expected lists of numbers or a Tensor, got ${typeof given}`)
  }
  const items: unknown[] = []
  return { items, shape: flattenInto(items, given, name) }
}

type NumberArray = Int32Array | BigInt64Array | Float32Array | Float64Array

function isTypedArray(given: unknown): given is NumberArray {
  return ArrayBuffer.isView(given) && !(given instanceof DataView)
}

function flattenInto(items: unknown[], list: readonly unknown[], name: string): number[] {
  let inner: number[] | undefined
  for (const item of list) {
    const nested: readonly unknown[] | undefined = isTypedArray(item)
      ? Array.from<unknown>(item)
      : Array.isArray(item)
        ? item
        : undefined
    const shape: number[] = nested ? flattenInto(items, nested, name) : []
    if (!nested) items.push(item)
    if (inner && inner.join() !== shape.join()) {
      throw new InputError('RAGGED', `${name}: rows of different lengths, ${inner[0] ?? 0} and ${shape[0] ?? 0}`, {
        hint: 'pass { padding: true } to the tokenizer',
      })
    }
    inner = shape
  }
  return [list.length, ...(inner ?? [])]
}

export type EmbedsLike = Tensor | readonly (readonly (readonly number[])[])[]

/**
 * The tokens of a batch of B rows of T: int32 ids (B, T), also as plain numbers, or embeddings (B, T, C) in their
 * place.
 */
export type Tokens = { readonly B: number; readonly T: number } & (
  | { readonly ids: Tensor; readonly values: Int32Array; readonly embeds?: undefined }
  | { readonly ids?: undefined; readonly values?: undefined; readonly embeds: Tensor }
)

/**
 * One of input_ids and inputs_embeds. Throws InputError INPUT_CHOICE for both or neither, SHAPE, and what readIds
 * throws.
 */
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
    const { values, shape } = readIds(input_ids!, 'input_ids', V)
    const [B, T] = shape as [number, number]
    return { B, T, values, ids: backend.tensor(values, { shape }) }
  }
  const embeds = numbersTensor(inputs_embeds, 'inputs_embeds', backend)
  const [B, T, width] = embeds.shape
  if (embeds.rank !== 3 || !B || !T || width !== C) {
    throw new InputError('SHAPE', `inputs_embeds: expected (batch, tokens, ${C}), got ${shapeText(embeds.shape)}`)
  }
  return { B, T, embeds }
}

/**
 * Warns, as Hugging Face does, when a row begins or ends with the padding token and no mask says that it is padding.
 */
export function warnOfPadding({ T, values }: Tokens, pad: number | undefined): void {
  const isEdge = (i: number): boolean => i % T === 0 || i % T === T - 1
  if (pad !== undefined && values?.some((id, i) => id === pad && isEdge(i))) {
    warnOnce('PADDING_WITHOUT_MASK', paddingNote)
  }
}

const paddingNote =
  'input_ids seem to be padded, but there is no attention_mask, so the padding is read as text: pass on the one that the ' +
  'tokenizer gives.'

/** Numbers as a float32 tensor of this back end: itself when it is one already. Throws what readNumbers throws. */
export function numbersTensor(given: NumbersLike, name: string, backend: Backend): Tensor {
  if (given instanceof Tensor && given.backend === backend && given.size > 0) return given.to('float32')
  const { values, shape } = readNumbers(given, name)
  return backend.tensor(values, { shape })
}

/**
 * The last `keep` places of a dim, or all of them for 0: what logits_to_keep asks for. Throws InputError OPTION_VALUE
 * unless it is a whole number from 0 on.
 */
export function lastPlaces(x: Tensor, dim: number, keep: number): Tensor {
  if (keep === 0) return x
  if (Number.isInteger(keep) && keep > 0) return x.slice(dim, -keep)
  throw new InputError('OPTION_VALUE', `logits_to_keep must be a whole number from 0 on, got ${String(keep)}`)
}

/** A batch of B rows of T tokens. */
interface Batch {
  readonly B: number
  readonly T: number
}

/**
 * Places of the tokens, (B, T) or one row for all; `first`, `first` + 1, ... when not given. Throws what readIds throws,
 * and InputError SHAPE.
 */
export function readPlaces(
  given: IdsLike | undefined,
  limit: number,
  { B, T }: Batch,
  backend: Backend,
  first: number,
): Tensor {
  if (given === undefined)
    return backend.tensor(
      Int32Array.from({ length: T }, (_, t) => first + t),
      { shape: [1, T] },
    )
  const places = readIds(given, 'position_ids', limit)
  const [rows, cols] = places.shape
  if (cols !== T || (rows !== B && rows !== 1)) throw wrongShape('position_ids', [B, T], places.shape)
  return backend.tensor(places.values, { shape: places.shape })
}

/** Types of the tokens, (B, T). Throws what readIds throws, and InputError SHAPE. */
export function readTypes(given: IdsLike, limit: number, { B, T }: Batch, backend: Backend): Tensor {
  const { values, shape } = readIds(given, 'token_type_ids', limit)
  if (!sameShape(shape, [B, T])) throw wrongShape('token_type_ids', [B, T], shape)
  return backend.tensor(values, { shape })
}

function wrongShape(name: string, wanted: Shape, got: Shape): InputError {
  return new InputError('SHAPE', `${name}: expected the shape ${shapeText(wanted)}, got ${shapeText(got)}`)
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
