// AutoTokenizer: the tokenizer that a folder's files ask for.
import { checkFolder, readJson } from '../checkpoint/folder.ts'
import { ConfigError } from '../errors.ts'
import { BertTokenizer, BertTokenizerFast } from './bert.ts'
import type { BertTokenizerOptions } from './options.ts'

export interface AutoTokenizerOptions extends BertTokenizerOptions {
  /** The Rust library's lines between characters (true, unless given), or Python's: BertTokenizerFast or BertTokenizer. */
  readonly use_fast?: boolean
}

/** What the files call it: tokenizer_config.json first, then config.json. */
function classNameOf(folder: string): string {
  const { tokenizer_class } = readJson(folder, 'tokenizer_config.json') ?? {}
  if (typeof tokenizer_class === 'string') return tokenizer_class
  const config = readJson(folder, 'config.json') ?? {}
  if (typeof config.tokenizer_class === 'string') return config.tokenizer_class
  return config.model_type === 'gpt2' ? 'GPT2Tokenizer' : 'BertTokenizer'
}

export const AutoTokenizer = {
  /** The tokenizer of a folder. Throws FileError, and ConfigError UNSUPPORTED_TOKENIZER for any but BERT's. */
  async from_pretrained(
    folder: string,
    { use_fast = true, ...options }: AutoTokenizerOptions = {},
  ): Promise<BertTokenizer> {
    checkFolder(folder)
    const name = classNameOf(folder)
    if (name !== 'BertTokenizer' && name !== 'BertTokenizerFast') {
      throw new ConfigError('UNSUPPORTED_TOKENIZER', `there is no tokenizer '${name}' here`, {
        hint: 'known: BertTokenizer, BertTokenizerFast; a folder with a vocab.txt can be read with BertTokenizer.from_pretrained',
      })
    }
    return use_fast
      ? BertTokenizerFast.from_pretrained(folder, options)
      : BertTokenizer.from_pretrained(folder, options)
  },

  /** The same as from_pretrained. */
  fromPretrained(folder: string, options?: AutoTokenizerOptions): Promise<BertTokenizer> {
    return AutoTokenizer.from_pretrained(folder, options)
  },
}
