// Several texts for each question: inputs (B, choices, T) as the rows of one batch.
import { InputError } from '../src/errors.ts'
import { type Shape, shapeText } from '../src/shape.ts'
import { Tensor } from '../src/tensor/tensor.ts'
import type { ForwardOptions } from './forwardOptions.ts'
import { type ChoicesLike, type EmbedsLike, type IdsLike, itemsOf, type NumbersLike } from './inputs.ts'
import type { HeadMaskLike, MaskLike } from './mask.ts'

/** Inputs with a dim for the choices. */
export interface ChoiceInputs extends ForwardOptions {
  /** (B, choices, T) */
  input_ids?: ChoicesLike
  /** (B, choices, T) */
  attention_mask?: MaskLike
  /** (B, choices, T) */
  token_type_ids?: ChoicesLike
  /** (B, choices, T) */
  position_ids?: ChoicesLike
  head_mask?: HeadMaskLike
  /** (B, choices, T, C) in the place of input_ids. */
  inputs_embeds?: NumbersLike
}

/** The same as a model takes them that knows no choices. */
export interface RowInputs extends ForwardOptions {
  input_ids?: IdsLike
  attention_mask?: MaskLike
  token_type_ids?: IdsLike
  position_ids?: IdsLike
  head_mask?: HeadMaskLike
  inputs_embeds?: EmbedsLike
}

/**
 * The inputs with one row for each choice, and the dims (B, choices) that the rows had; `orRows` also takes (B, T), and
 * leaves it so. Throws InputError SHAPE or RAGGED.
 */
export function rowsOfChoices(
  inputs: ChoiceInputs,
  { orRows = false }: { orRows?: boolean } = {},
): { rows: RowInputs; lead: number[] } {
  const rows: Record<string, unknown> = { ...inputs }
  let lead: number[] = []
  for (const name of perToken) {
    const value = inputs[name]
    if (value === undefined) continue
    const inner = name === 'inputs_embeds' ? 2 : 1
    const { shape } = itemsOf(value, name, 'ID_TYPE')
    const own = shape.slice(0, -inner)
    if (own.length !== 2 && !(orRows && own.length === 1)) {
      const wanted = `(batch, choices, tokens${inner === 2 ? ', width' : ''})`
      throw new InputError('SHAPE', `${name}: expected the shape ${wanted}, got ${shapeText(shape)}`)
    }
    if (name === 'input_ids' || name === 'inputs_embeds') lead = [...own]
    if (own.length === 2) rows[name] = merged(value, shape)
  }
  return { rows: rows as RowInputs, lead }
}

const perToken = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids', 'inputs_embeds'] as const

/** The first two dims as one. */
function merged(value: NumbersLike | ChoicesLike, [B, choices, ...inner]: Shape): unknown {
  if (value instanceof Tensor) return value.reshape([B! * choices!, ...inner])
  return Array.from(value as ArrayLike<unknown>).flat()
}
