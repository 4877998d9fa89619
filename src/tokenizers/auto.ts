// AutoTokenizer: the tokenizer that a folder's files ask for.
import { ConfigError } from '../errors.ts'
import type { HubOptions } from '../hub/options.ts'
import { warnOnce } from '../warnings.ts'
import type { PreTrainedTokenizer } from './base.ts'
import { BertTokenizer, BertTokenizerFast } from './bert.ts'
import { jsonFile } from './files/storedOptions.ts'
import { findTokenizerFiles, type TokenizerFiles } from './files/tokenizerFiles.ts'
import { readTokenizerJson } from './files/tokenizerJson.ts'
import { genericName, hasFiles, type Kind } from './files/tokenizerSource.ts'
import { GPT2Tokenizer, GPT2TokenizerFast } from './gpt2.ts'
import type { BertTokenizerOptions, GPT2TokenizerOptions } from './options.ts'
import { type TokenizerClass, tokenizerOf } from './tokenizerClass.ts'

export interface AutoTokenizerOptions extends BertTokenizerOptions, GPT2TokenizerOptions {
  /** The Rust library's lines between characters (true, unless given), or Python's: BertTokenizerFast or BertTokenizer. */
  readonly use_fast?: boolean
}

/** Classes by kind: fast and slow. */
const classes: Readonly<
  Record<
    Kind,
    readonly [fast: TokenizerClass<PreTrainedTokenizer, object>, slow: TokenizerClass<PreTrainedTokenizer, object>]
  >
> = {
  WordPiece: [BertTokenizerFast, BertTokenizer],
  BPE: [GPT2TokenizerFast, GPT2Tokenizer],
}

const kindsByName = new Map<string, Kind>([
  ...(['BertTokenizer', 'BertTokenizerFast'] as const).map(name => [name, 'WordPiece'] as const),
  ...(['GPT2Tokenizer', 'GPT2TokenizerFast'] as const).map(name => [name, 'BPE'] as const),
])
const kindsByModel = new Map<string, Kind>([
  ['bert', 'WordPiece'],
  ['gpt2', 'BPE'],
])

/** The class that the files name: tokenizer_config.json first, then config.json. */
function classNameOf(files: TokenizerFiles): string | undefined {
  const names = (['tokenizer_config.json', 'config.json'] as const).map(file =>
    jsonFile(files, file).get('tokenizer_class'),
  )
  return names.find(name => typeof name === 'string')
}

/** The kind that a class name or the model's type says, else that of the files that are there. */
function statedKind(files: TokenizerFiles, name: string | undefined): Kind | undefined {
  if (name === undefined || name === genericName) {
    return kindsByModel.get(String(jsonFile(files, 'config.json').get('model_type')))
  }
  const kind = kindsByName.get(name)
  if (kind) return kind
  throw new ConfigError('UNSUPPORTED_TOKENIZER', `there is no tokenizer '${name}' here`, {
    hint: `known: ${[...kindsByName.keys()].join(', ')}; a folder with a vocab.txt can be read with BertTokenizer.from_pretrained`,
  })
}

/** The kind whose files are there. Those of another kind than is stated win, with a warning. */
function kindOf(files: TokenizerFiles, stated: Kind | undefined, use_fast: boolean): Kind {
  const found =
    use_fast && files['tokenizer.json'] !== undefined
      ? readTokenizerJson(files['tokenizer.json']).model.type
      : [stated ?? 'WordPiece', 'WordPiece' as const, 'BPE' as const].find(kind => hasFiles(files, kind))
  if (found && stated && found !== stated) {
    warnOnce(
      'TOKENIZER_FILES_DIFFER',
      `the configuration asks for ${classes[stated][0].name}, but the files are those of ${classes[found][0].name}, which is taken.`,
    )
  }
  return found ?? stated ?? 'WordPiece'
}

function autoTokenizer(
  files: TokenizerFiles,
  { use_fast = true, ...options }: AutoTokenizerOptions,
): PreTrainedTokenizer {
  const name = classNameOf(files)
  const kind = kindOf(files, statedKind(files, name), use_fast)
  const Class = classes[kind][use_fast ? 0 : 1]
  return tokenizerOf(Class, files, options, name === genericName)
}

export const AutoTokenizer = {
  /**
   * The tokenizer of a folder or of a model on the hub: of the class that tokenizer_config.json or config.json names, of the model's type, or of the files
   * that are there. Throws FileError, HubError, and ConfigError UNSUPPORTED_TOKENIZER for any but BERT's and GPT-2's.
   */
  async from_pretrained(name: string, options: AutoTokenizerOptions & HubOptions = {}): Promise<PreTrainedTokenizer> {
    return autoTokenizer(...(await findTokenizerFiles(name, options)))
  },

  /** The same as from_pretrained. */
  fromPretrained(name: string, options?: AutoTokenizerOptions & HubOptions): Promise<PreTrainedTokenizer> {
    return AutoTokenizer.from_pretrained(name, options)
  },

  /** The tokenizer of files that are at hand as texts, by name. */
  from_files(files: TokenizerFiles, options: AutoTokenizerOptions = {}): PreTrainedTokenizer {
    return autoTokenizer(files, options)
  },
}
