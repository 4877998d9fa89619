// What a user hands to generate(): prompts as ids, embeddings or a tokenizer's output, with options beside them or
// among them.
import { InputError, valueText } from '../src/errors.ts'
import type { HeadMask } from '../src/generation/model.ts'
import { checkOptionNames, type GenerationOptions } from '../src/generation/options.ts'
import type { GenerationInputs } from '../src/generation/prepare.ts'
import type { Prompt, PromptEmbeds } from '../src/generation/rows.ts'
import type { DynamicCache } from '../src/nn/cache.ts'
import { type Shape, sameShape, shapeText } from '../src/shape.ts'
import { concat, Tensor } from '../src/tensor/tensor.ts'
import { type IdsLike, type NumbersLike, numbersTensor, readIds, readNumbers } from './inputs.ts'
import { type HeadMaskLike, type MaskLike, readMask } from './mask.ts'

/** Prompts for generate(): ids, or what a tokenizer gives. */
export interface GenerateInputs {
  /** (B, T), or one row. Without any the text begins with bos_token_id. */
  input_ids?: IdsLike
  /** Another name of input_ids, as in Hugging Face. */
  inputs?: IdsLike
  /** 1 for tokens, 0 for padding, which stands in front: (B, T). */
  attention_mask?: MaskLike
  /** GPT-2 adds the word embeddings of these ids; they go on with the last one. */
  token_type_ids?: IdsLike
  /** Places of the prompt's tokens, (B, T) or one row; as in Hugging Face, new tokens all take the last one. */
  position_ids?: IdsLike
  /** Factors of attention probabilities, 0 to turn a head off: (H), (L, H) or (L, B, H, 1, 1). */
  head_mask?: HeadMaskLike
  /**
   * Embeddings (B, T, C) in the place of the prompt's ids; what comes back begins behind them unless input_ids are
   * there too.
   */
  inputs_embeds?: NumbersLike
  /**
   * Keys and values of the beginning of the prompt: only the rest is read, and the new tokens are added. It stays the
   * caller's.
   */
  past_key_values?: DynamicCache
}

const inputNames = [
  ...['input_ids', 'inputs', 'attention_mask', 'token_type_ids', 'position_ids', 'head_mask', 'inputs_embeds'],
  'past_key_values',
]

/**
 * Model inputs and options, which may come in one object. Throws InputError INPUT_CHOICE for prompts that are no ids,
 * ConfigError for names that are neither.
 */
export function splitInputs(
  given: IdsLike | (GenerateInputs & GenerationOptions),
  options: GenerationOptions & GenerateInputs,
): [GenerateInputs, GenerationOptions] {
  if (typeof given !== 'object' || given === null) {
    throw new InputError('INPUT_CHOICE', `generate: expected ids or an object of inputs, got ${valueText(given)}`, {
      hint:
        typeof given === 'string' ? 'give what the tokenizer makes of the text, or use a pipeline' : '{ input_ids }',
    })
  }
  const isIds = given instanceof Tensor || Array.isArray(given) || ArrayBuffer.isView(given)
  const all = Object.entries(isIds ? { input_ids: given, ...options } : { ...given, ...options })
  const own = Object.fromEntries(all.filter(([name]) => !inputNames.includes(name)))
  checkOptionNames(own)
  return [Object.fromEntries(all.filter(([name, value]) => inputNames.includes(name) && value != null)), own]
}

/** What is needed of a model to read prompts. */
interface Reader {
  readonly vocabularySize: number
  readonly maxLength: number
  readonly backend: Tensor['backend']
  readonly width: number
}

/**
 * The prompts as rows of ids. Throws InputError EMPTY_INPUT when there are none and no token to begin with, SHAPE for
 * types, places, heads or embeddings that do not fit the ids, and what readIds, readMask and numbersTensor throw.
 */
export function readPrompt(given: GenerateInputs, begin: number | null, model: Reader): GenerationInputs<DynamicCache> {
  const { attention_mask, token_type_ids, position_ids, head_mask, past_key_values } = given
  const embeds = given.inputs_embeds === undefined ? undefined : readEmbeds(given.inputs_embeds, model)
  const start = given.input_ids ?? given.inputs ?? (embeds || begin === null ? undefined : [begin])
  if (start === undefined && !embeds) {
    const message = 'generate: there is no prompt, and the model has no bos_token_id to begin with'
    throw new InputError('EMPTY_INPUT', message)
  }
  const ids = start === undefined ? undefined : readIds(start, 'input_ids', model.vocabularySize)
  const [rows, length] = ids ? (ids.shape as [number, number]) : [embeds!.rows, 0]
  if (embeds && (embeds.rows !== rows || (length > 0 && embeds.length !== length))) {
    const shape = shapeText([embeds.rows, embeds.length])
    throw new InputError('SHAPE', `generate: input_ids ${shapeText([rows, length])} and inputs_embeds ${shape} differ`)
  }
  const tokens = embeds?.length ?? length
  const prompt: Prompt = {
    rows,
    length,
    ids: ids?.values ?? new Int32Array(0),
    mask:
      attention_mask === undefined ? undefined : twoDims(readMask(attention_mask, rows, tokens, tokens), rows * tokens),
    types: token_type_ids === undefined ? undefined : readTypes(token_type_ids, [rows, tokens], model.vocabularySize),
    places: position_ids === undefined ? undefined : readPlaces(position_ids, [rows, tokens], model.maxLength),
    heads: head_mask === undefined ? undefined : readHeads(head_mask),
    embeds,
  }
  return { prompt, past_key_values }
}

function twoDims({ values }: { values: Int32Array }, size: number): Int32Array {
  if (values.length === size) return values
  throw new InputError('MASK_SHAPE', 'generate: attention_mask must have two dims, (batch, tokens)')
}

function readTypes(given: IdsLike, wanted: Shape, limit: number): Int32Array {
  const { values, shape } = readIds(given, 'token_type_ids', limit)
  if (sameShape(shape, wanted)) return values
  const message = `generate: token_type_ids must have the shape of the prompt, ${shapeText(wanted)}, got ${shapeText(shape)}`
  throw new InputError('SHAPE', message)
}

function readPlaces(given: IdsLike, [rows, tokens]: readonly [number, number], limit: number): Int32Array {
  const { values, shape } = readIds(given, 'position_ids', limit)
  if (sameShape(shape, [rows, tokens])) return values
  if (sameShape(shape, [1, tokens])) return Int32Array.from({ length: rows * tokens }, (_, i) => values[i % tokens]!)
  const wanted = shapeText([rows, tokens])
  const message = `generate: position_ids must have the shape of the prompt, ${wanted}, got ${shapeText(shape)}`
  throw new InputError('SHAPE', message)
}

/** The model checks what depends on its layers and heads. */
function readHeads(given: HeadMaskLike): HeadMask {
  const heads = readNumbers(given, 'head_mask')
  const [T = 1, S = 1] = heads.shape.slice(3)
  if (T === 1 && S === 1) return heads
  const message = `generate: head_mask has factors for single tokens, ${shapeText(heads.shape)}, and texts grow`
  throw new InputError('SHAPE', message, { hint: '(H), (L, H) or (L, B, H, 1, 1)' })
}

function readEmbeds(given: NumbersLike, { backend, width }: Reader): PromptEmbeds & { readonly rows: number } {
  const tensor = numbersTensor(given, 'inputs_embeds', backend)
  const [rows, length, C] = tensor.shape
  if (tensor.rank !== 3 || !rows || !length || C !== width) {
    const message = `inputs_embeds: expected (batch, tokens, ${width}), got ${shapeText(tensor.shape)}`
    throw new InputError('SHAPE', message)
  }
  const isOwn = given instanceof Tensor && given.storage === tensor.storage
  const row = (at: number): Tensor => tensor.slice(0, at, at + 1)
  const spread = (copies: number): Tensor => {
    const all = backend.scope(() =>
      concat(Array.from({ length: rows * copies }, (_, i) => row(Math.floor(i / copies)))),
    )
    if (!isOwn) tensor.dispose()
    return all
  }
  return { rows, length, spread }
}
