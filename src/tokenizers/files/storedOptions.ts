// The options that the files of a folder tell a tokenizer: tokenizer_config.json, special_tokens_map.json, added_tokens.json.
import { FileError } from '../../errors.ts'
import { warnOnce } from '../../warnings.ts'
import { AddedToken } from '../added/addedTokens.ts'
import { bertOnly, gpt2Only } from '../options.ts'
import { specialNames } from '../specialTokens.ts'
import { addedTokenOf } from './addedTokenJson.ts'
import { JsonFields } from './jsonFields.ts'
import { type Json, JsonMap, parseJson, shown } from './jsonMap.ts'
import type { TokenizerFiles } from './tokenizerFiles.ts'

type Options = Record<string, unknown>

/** More than this stands for no limit, as in transformers. */
const largestLength = 1e20

const isFlag = (value: Json): boolean => typeof value === 'boolean'
const isSide = (value: Json): boolean => value === 'left' || value === 'right'
const isTexts = (value: Json): boolean => Array.isArray(value) && value.every(item => typeof item === 'string')

/** What the values of tokenizer_config.json must be; null always stands for none. */
const checks: Readonly<Record<string, (value: Json) => boolean>> = {
  ...Object.fromEntries(
    [...bertOnly, ...gpt2Only, 'clean_up_tokenization_spaces', 'split_special_tokens'].map(name => [name, isFlag]),
  ),
  padding_side: isSide,
  truncation_side: isSide,
  never_split: isTexts,
  model_input_names: isTexts,
  errors: value => typeof value === 'string',
  model_max_length: value => typeof value === 'number' && value > 0,
}

/** An object in a JSON file; empty when there is no such file. Throws FileError JSON. */
export function jsonFile(files: TokenizerFiles, name: keyof TokenizerFiles): JsonMap {
  const text = files[name]
  if (text === undefined) return new JsonMap()
  if (text.startsWith('\uFEFF'))
    throw new FileError('JSON', `${name} begins with a byte order mark (BOM): save it without`)
  if (text.trim() === '') throw new FileError('JSON', `${name} is empty`)
  const value = parseJson(text, message => new FileError('JSON', `${name} is not valid JSON: ${message}`))
  if (value instanceof JsonMap) return value
  throw new FileError('JSON', `${name}: the JSON must be an object of fields`)
}

/**
 * All options that the files hold, whatever the class; added tokens that contradict those `known` from tokenizer.json are left out
 * with a warning. Throws FileError TOKENIZER_CONFIG for values that cannot be.
 */
export function storedOptions(files: TokenizerFiles, known: ReadonlyMap<number, AddedToken> = new Map()): Options {
  const config = jsonFile(files, 'tokenizer_config.json')
  const options: Options = {}
  for (const [name, check] of Object.entries(checks)) {
    const value = config.get(name === 'model_max_length' && !config.has(name) ? 'max_len' : name)
    if (value === undefined || value === null) continue
    if (!check(value)) throw problem(`${name} cannot be ${shown(value)}`)
    options[name] = value
  }
  if (Number(options.model_max_length) > largestLength) options.model_max_length = Infinity
  Object.assign(options, specialOptions(config, jsonFile(files, 'special_tokens_map.json')))
  const decoder = addedTokens(
    config.get('added_tokens_decoder'),
    jsonFile(files, 'added_tokens.json'),
    specialsIn(options),
  )
  const fitting = [...decoder].filter(([id, token]) => fits(id, token, known))
  if (fitting.length > 0) options.added_tokens_decoder = new Map(fitting)
  // A special token has the flags of the added token of its text; added_tokens.json knows none.
  const flagged = config.has('added_tokens_decoder') ? decoder : known
  const byContent = new Map(Array.from(flagged.values(), token => [token.content, token]))
  for (const name of specialNames) {
    const token = byContent.get(String(options[name]))
    if (token) options[name] = token
  }
  return options
}

function fits(id: number, token: AddedToken, known: ReadonlyMap<number, AddedToken>): boolean {
  const isSame = [...known].every(([other, { content }]) => (other === id) === (content === token.content))
  if (!isSame) {
    const message = `tokenizer_config.json gives the added token ${JSON.stringify(token.content)} the id ${id}, which tokenizer.json does not: it is left out.`
    warnOnce('TOKENIZER_FILES_DIFFER', message)
  }
  return isSame
}

/** The special tokens. Without added_tokens_decoder, as older versions saved it, special_tokens_map.json comes first. */
function specialOptions(config: JsonMap, map: JsonMap): Options {
  const options: Options = {}
  const [first, second] = config.has('added_tokens_decoder') ? [config, map] : [map, config]
  for (const name of specialNames) {
    const value = first.get(name) ?? second.get(name)
    if (value !== undefined && value !== null) options[name] = tokenOf(value, name)
  }
  const extra = config.get('extra_special_tokens')
  const more = [
    ...itemsOf(first.get('additional_special_tokens') ?? second.get('additional_special_tokens')),
    ...(extra instanceof JsonMap ? extra.values() : itemsOf(extra)),
  ]
  if (more.length > 0)
    options.additional_special_tokens = more.map(value => tokenOf(value, 'additional_special_tokens'))
  return options
}

function itemsOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function specialsIn(options: Options): ReadonlySet<string> {
  return new Set(
    [...specialNames.map(name => options[name]), options.additional_special_tokens].flat().map(token => String(token)),
  )
}

const problem = (message: string): FileError => new FileError('TOKENIZER_CONFIG', `tokenizer_config.json: ${message}`)

/** A token as its text, or as an object with flags. Throws FileError TOKENIZER_CONFIG. */
function tokenOf(value: Json, name: string): string | AddedToken {
  if (typeof value === 'string' && value !== '') return value
  return addedTokenOf(new JsonFields(value, name, problem), true)
}

/** added_tokens_decoder, by id; or the older added_tokens.json, by token. */
function addedTokens(
  decoder: Json | undefined,
  encoder: JsonMap,
  specials: ReadonlySet<string>,
): Map<number, AddedToken> {
  const tokens = new Map<number, AddedToken>()
  if (decoder instanceof JsonMap) {
    for (const [id, value] of decoder) {
      const name = `added_tokens_decoder.${id}`
      tokens.set(idOf(Number(id), name), addedTokenOf(new JsonFields(value, name, problem)))
    }
    return tokens
  }
  for (const [content, id] of encoder) {
    tokens.set(idOf(id, `added_tokens.json: ${content}`), new AddedToken(content, { special: specials.has(content) }))
  }
  return tokens
}

function idOf(value: Json, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw problem(`${name}: an id must be a whole number from 0 on, got ${shown(value)}`)
}
