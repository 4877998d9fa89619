// save_pretrained(): the files from which transformers and this library make the same tokenizer again.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { AddedToken } from '../added/addedTokens.ts'
import type { PreTrainedTokenizer } from '../base.ts'
import { checkNames } from '../call/callOptions.ts'
import { addedTokenJson } from './addedTokenJson.ts'
import { jsonText } from './jsonMap.ts'
import { postProcessorJson } from './templateJson.ts'
import { genericName } from './tokenizerSource.ts'

export interface SaveOptions {
  /** Fast tokenizers: true writes the vocabulary's own files only, false tokenizer.json only; both unless given. */
  readonly legacy_format?: boolean | null
  /** Begins the names of the files, with a hyphen behind. */
  readonly filename_prefix?: string | null
}

type Json = Record<string, unknown>

/**
 * Writes tokenizer_config.json, special_tokens_map.json, added_tokens.json where it is needed, the vocabulary's files, and
 * tokenizer.json of a fast tokenizer. Returns the paths. Throws InputError OPTION_VALUE.
 */
export function saveFiles(tokenizer: PreTrainedTokenizer, folder: string, options: SaveOptions): string[] {
  checkNames(options, ['legacy_format', 'filename_prefix'], 'save_pretrained')
  const { legacy_format } = options
  if (legacy_format === false && !tokenizer.is_fast) {
    throw new InputError('OPTION_VALUE', 'save_pretrained: only fast tokenizers have a tokenizer.json', {
      hint: 'leave legacy_format out',
    })
  }
  const added = [...tokenizer.added_tokens_encoder].filter(([token]) => !tokenizer.vocabulary.ids.has(token))
  const files: Record<string, string> = {
    'tokenizer_config.json': jsonText(sorted(configOf(tokenizer))),
    'special_tokens_map.json': jsonText(sorted(specialTokensMap(tokenizer))),
  }
  if (legacy_format !== false) {
    if (added.length > 0) files['added_tokens.json'] = jsonText(new Map(added.sort(([a], [b]) => (a < b ? -1 : 1))))
    Object.assign(files, tokenizer.vocabularyFiles())
  }
  if (tokenizer.is_fast && legacy_format !== true) files['tokenizer.json'] = jsonText(tokenizerJson(tokenizer))
  return writeAll(folder, files, options)
}

/** Writes the files of the model's vocabulary only. Returns the paths. */
export function saveVocabulary(tokenizer: PreTrainedTokenizer, folder: string, filename_prefix?: string): string[] {
  return writeAll(folder, tokenizer.vocabularyFiles(), filename_prefix === undefined ? {} : { filename_prefix })
}

function writeAll(folder: string, files: Readonly<Record<string, string>>, { filename_prefix }: SaveOptions): string[] {
  mkdirSync(folder, { recursive: true })
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, filename_prefix ? `${filename_prefix}-${name}` : name)
    writeFileSync(path, text.endsWith('\n') || name === 'vocab.json' ? text : `${text}\n`)
    return path
  })
}

/** The keys in alphabetical order, as Python writes these files. */
function sorted(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function configOf(tokenizer: PreTrainedTokenizer): Json {
  const { padding_side, truncation_side, split_special_tokens } = tokenizer
  return {
    ...tokenizer.ownOptions(),
    ...(padding_side === 'left' && { padding_side }),
    ...(truncation_side === 'left' && { truncation_side }),
    ...(split_special_tokens && { split_special_tokens }),
    ...(tokenizer.options.model_input_names && { model_input_names: tokenizer.model_input_names }),
    ...tokenizer.special_tokens_map,
    model_max_length: tokenizer.model_max_length,
    clean_up_tokenization_spaces: tokenizer.clean_up_tokenization_spaces,
    added_tokens_decoder: new Map(
      [...tokenizer.added_tokens_decoder].map(([id, token]) => [id, addedTokenJson(token)]),
    ),
    extra_special_tokens: {},
    tokenizer_class: tokenizer.className === genericName ? genericName : tokenizer.className.replace(/Fast$/, ''),
  }
}

/** Tokens as texts, or with their flags where they have some of their own. */
function specialTokensMap(tokenizer: PreTrainedTokenizer): Json {
  const jsonOf = (token: string | AddedToken): unknown => {
    if (!(token instanceof AddedToken)) return token
    const { special: _, ...flags } = addedTokenJson(token)
    return flags
  }
  const entries = Object.entries(tokenizer.special_tokens_map_extended)
  return Object.fromEntries(
    entries.map(([name, token]) => [name, Array.isArray(token) ? token.map(jsonOf) : jsonOf(token)]),
  )
}

function tokenizerJson(tokenizer: PreTrainedTokenizer): Json {
  const { normalizer, pre_tokenizer, decoder, model } = tokenizer.jsonParts()
  const added_tokens = [...tokenizer.added_tokens_decoder].map(([id, token]) => {
    const { content, single_word, lstrip, rstrip, normalized, special } = token
    return { id, content, single_word, lstrip, rstrip, normalized, special }
  })
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens,
    normalizer,
    pre_tokenizer,
    post_processor: postProcessorJson(tokenizer.postProcessor(true), model.type === 'BPE'),
    decoder,
    model,
  }
}
