// GPT-2's tokenizers (transformers/models/gpt2/tokenization_gpt2.py and tokenization_gpt2_fast.py): words with the blank before
// them, as bytes, and these joined into tokens.
import { ConfigError, InputError } from '../errors.ts'
import { AddedToken } from './added/addedTokens.ts'
import { type CutText, type JsonParts, PreTrainedTokenizer } from './base.ts'
import { checkNames, type EncodeOptions, type Text } from './call/callOptions.ts'
import { bare, type PostProcessor, untyped } from './call/postProcessor.ts'
import type { Pieces } from './call/tokenList.ts'
import type { Kind, TokenizerSource } from './files/tokenizerSource.ts'
import { byteCharacters, bytesOf, byteText, type DecodeErrors, decodeBytes, decodeErrors } from './model/byteLevel.ts'
import { ByteLevelBpe } from './model/byteLevelBpe.ts'
import { mergeList, type Pair, readMergesTxt } from './model/merges.ts'
import { type TrainerOptions, trainPieces } from './model/trainer.ts'
import { readVocabJson, Vocabulary } from './model/vocabulary.ts'
import { type GPT2TokenizerOptions, gpt2Only, gpt2OptionNames } from './options.ts'
import { type SpecialName, withDefaults } from './specialTokens.ts'
import type { AlignedText } from './text/alignedText.ts'
import type { Dialect } from './text/characters.ts'
import { gpt2Words } from './text/gpt2Words.ts'
import type { TokenizerClass } from './tokenizerClass.ts'

const endOfText = '<|endoftext|>'
const specials = { unk_token: endOfText, bos_token: endOfText, eos_token: endOfText }

/** transformers' GPT2Tokenizer, which Python calls slow. */
export class GPT2Tokenizer extends PreTrainedTokenizer {
  static readonly kind: Kind = 'BPE'
  static readonly isFast: boolean = false
  static readonly optionNames = gpt2OptionNames
  static readonly jsonDefaults: object = {}

  readonly errors: DecodeErrors
  readonly add_prefix_space: boolean
  readonly add_bos_token: boolean
  readonly #bpe: ByteLevelBpe

  /** @internal Use from_pretrained, from_files or from_vocab. */
  constructor(source: TokenizerSource, options: GPT2TokenizerOptions = {}) {
    checkNames(options, gpt2OptionNames, new.target.name, ConfigError)
    super(source, options)
    const { json, merges } = source
    this.errors = errorsOf(options.errors)
    this.add_prefix_space = options.add_prefix_space ?? false
    this.add_bos_token = options.add_bos_token ?? false
    const all = withDefaults(options, specials)
    const model = json?.model.type === 'BPE' ? json.model : undefined
    const slow = { unk_token: String(all.unk_token ?? ''), namesUnknown: true }
    this.#bpe = new ByteLevelBpe(source.vocabulary, merges ?? mergeList([]), model ?? (this.is_fast ? {} : slow))
    this.start(json ? all : { ...all, ...flagged(all) })
    if (json) this.#warnOfJson(json)
  }

  /** transformers lets add_prefix_space of the options win, also when nobody gave it, and add_bos_token have no say. */
  #warnOfJson({ add_prefix_space, post_processor }: NonNullable<TokenizerSource['json']>): void {
    if (add_prefix_space !== undefined && add_prefix_space !== this.add_prefix_space) {
      const message = `tokenizer.json says add_prefix_space ${add_prefix_space}, but as in transformers the option comes first: ${this.add_prefix_space}.`
      this.warn('TOKENIZER_FILES_DIFFER', message)
    }
    if (this.add_bos_token && !('ids' in post_processor.single[0]!)) {
      this.warn('BOS_IGNORED', 'add_bos_token has no effect: what stands around texts is said by tokenizer.json.')
    }
  }

  /**
   * A tokenizer of tokens with their ids, or the text of a vocab.json, and of pairs, lines 'left right' or the text of a merges.txt.
   * Throws FileError VOCABULARY or MERGES.
   */
  static from_vocab<T>(
    this: TokenizerClass<T, GPT2TokenizerOptions>,
    vocab: string | ReadonlyMap<string, number> | Readonly<Record<string, number>>,
    merges: string | readonly (string | Pair)[],
    options: GPT2TokenizerOptions = {},
  ): T {
    const entries = (): Iterable<readonly [string, number]> => (vocab instanceof Map ? vocab : Object.entries(vocab))
    const vocabulary = typeof vocab === 'string' ? readVocabJson(vocab) : new Vocabulary(entries())
    return new this(
      { vocabulary, merges: typeof merges === 'string' ? readMergesTxt(merges) : mergeList(merges) },
      options,
    )
  }

  override get callOptionNames(): readonly string[] {
    return this.is_fast ? super.callOptionNames : [...super.callOptionNames, 'add_prefix_space']
  }

  override call(text: Text | readonly Text[] | null | undefined, options: EncodeOptions = {}) {
    if (options.is_split_into_words && this.is_fast && !this.add_prefix_space) {
      throw new InputError('PREFIX_SPACE', 'tokenizer: words need a tokenizer with add_prefix_space', {
        hint: 'GPT2TokenizerFast.from_pretrained(folder, { add_prefix_space: true })',
      })
    }
    return super.call(text, options)
  }

  /** Python's tokenizer begins texts with a blank, and words in any case. */
  override beforeAdded(text: AlignedText, options: EncodeOptions): AlignedText {
    const { add_prefix_space = this.add_prefix_space, is_split_into_words = false } = options
    return !this.is_fast && (add_prefix_space || is_split_into_words) ? withBlank(text) : text
  }

  override normalized(text: AlignedText): AlignedText {
    return text
  }

  /** Rust's begins every part between added tokens with a blank, unless it does already. */
  override cut(text: AlignedText): CutText {
    const adds = this.is_fast && this.add_prefix_space && text.codes.length > 0 && text.codes[0] !== blank
    const whole = adds ? withBlank(text) : text
    return { text: whole, words: gpt2Words(whole, this.dialect) }
  }

  override piecesOf(word: string): Pieces {
    return this.#bpe.pieces(word)
  }

  /** The text of the bytes of tokens. Throws InputError UTF8 with errors: 'strict'. */
  override convert_tokens_to_string(tokens: readonly string[]): string {
    return decodeBytes(bytesOf(tokens), this.errors)
  }

  /** Nothing, or bos_token in front; Python's tokenizer puts it in front of a second text too. */
  protected override template(withSpecial: boolean): PostProcessor {
    const { bos_token, bos_token_id } = this
    if (!withSpecial) return untyped
    if (!this.add_bos_token) return bare
    if (bos_token === undefined || bos_token_id === undefined) {
      throw new InputError('NO_SPECIAL_TOKEN', 'add_bos_token: the tokenizer has no bos_token')
    }
    const bos = { ids: [bos_token_id], tokens: [bos_token], type_id: 0 }
    const [first, second] = bare.pair
    const between = this.is_fast ? [] : [{ ...bos, type_id: 1 }]
    return { single: [bos, first!], pair: [bos, first!, ...between, second!] }
  }

  override ownOptions(): Record<string, unknown> {
    return { pad_token: null, ...Object.fromEntries(gpt2Only.map(name => [name, this[name]])) }
  }

  override vocabularyFiles(): Record<string, string> {
    const tokens = this.vocabulary.sorted().map(([token, id]) => `${JSON.stringify(token)}:${id}`)
    const pairs = this.#bpe.merges.pairs.map(([left, right]) => `${left} ${right}\n`)
    return { 'vocab.json': `{${tokens.join(',')}}`, 'merges.txt': `#version: 0.2\n${pairs.join('')}` }
  }

  override jsonParts(): JsonParts {
    const { unk_token = null, fuse_unk = false, ignore_merges = false } = this.#bpe.options
    const bytes = { type: 'ByteLevel', add_prefix_space: this.add_prefix_space, trim_offsets: true, use_regex: true }
    return {
      normalizer: null,
      pre_tokenizer: bytes,
      decoder: { ...bytes, add_prefix_space: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: unk_token === '' ? null : unk_token,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk,
        byte_fallback: false,
        ignore_merges,
        vocab: new Map(this.vocabulary.sorted()),
        merges: this.#bpe.merges.pairs,
      },
    }
  }

  override trained(words: ReadonlyMap<string, number>, options: TrainerOptions): TokenizerSource {
    const encoder = new TextEncoder()
    const bytes = new Map([...words].map(([word, count]) => [byteText(encoder.encode(word)), count]))
    const { ids, pairs } = trainPieces(bytes, { ...options, initial_alphabet: byteCharacters })
    return { vocabulary: new Vocabulary(ids), merges: mergeList(pairs) }
  }
}

/** transformers' GPT2TokenizerFast: what the Rust library does. */
export class GPT2TokenizerFast extends GPT2Tokenizer {
  static override readonly isFast = true

  override get dialect(): Dialect {
    return 'fast'
  }
}

const blank = 0x20

/** A text with a blank in front, which stands for its first character. */
function withBlank({ codes, starts, ends }: AlignedText): AlignedText {
  return { codes: [blank, ...codes], starts: [starts[0] ?? 0, ...starts], ends: [ends[0] ?? 0, ...ends] }
}

/** Without a tokenizer.json special tokens are such as are looked for in normalised text, unless other files say otherwise. */
function flagged(options: GPT2TokenizerOptions): { [name in SpecialName]?: AddedToken } {
  const decoder = options.added_tokens_decoder ?? {}
  const known = new Set([...(decoder instanceof Map ? decoder.values() : Object.values(decoder))].map(String))
  const entries = (['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const).flatMap(name => {
    const token = options[name]
    return typeof token === 'string' && !known.has(token)
      ? [[name, new AddedToken(token, { normalized: true })] as const]
      : []
  })
  return Object.fromEntries(entries)
}

function errorsOf(errors: DecodeErrors = 'replace'): DecodeErrors {
  if (decodeErrors.includes(errors)) return errors
  throw new ConfigError('OPTION_VALUE', `errors: there is no '${String(errors)}'`, { hint: decodeErrors.join(', ') })
}
