// Making a tokenizer of files, for any of the classes.

import { storedOptions } from './files/storedOptions.ts'
import type { TokenizerFiles } from './files/tokenizerFiles.ts'
import { genericName, type Kind, sourceOf, type TokenizerSource } from './files/tokenizerSource.ts'
import type { TokenizerOptions } from './options.ts'
import { specialNames } from './specialTokens.ts'

/** A class of tokenizers, as its static methods know it. */
export interface TokenizerClass<T, O> {
  new (source: TokenizerSource, options?: O): T
  readonly kind: Kind
  readonly isFast: boolean
  readonly optionNames: readonly string[]
  /** Options that come before what a tokenizer.json says, as in transformers. */
  readonly jsonDefaults: object
}

/** The generic class has no special tokens of its own. */
const noSpecials: object = Object.fromEntries(specialNames.map(name => [name, null]))

/** Makes a tokenizer of files: what they say, and before that the options. */
export function tokenizerOf<T, O extends TokenizerOptions>(
  Class: TokenizerClass<T, O>,
  files: TokenizerFiles,
  options: object | undefined,
  isGeneric = false,
): T {
  const found = sourceOf(files, Class.kind, Class.isFast)
  const source = isGeneric && found.json ? { ...found, className: genericName } : found
  const defaults = isGeneric ? noSpecials : Class.jsonDefaults
  const stored = storedOptions(files, source.json?.added_tokens)
  const known = Object.entries(stored).filter(([name]) => Class.optionNames.includes(name))
  const all: object = { ...(source.json && defaults), ...Object.fromEntries(known), ...options }
  return new Class(source, all as O)
}
