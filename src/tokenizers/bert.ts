// BERT's tokenizers (transformers/models/bert/tokenization_bert.py and tokenization_bert_fast.py): clean, cut into words, and these
// into pieces; [CLS] and [SEP] around.
import { ConfigError, InputError } from '../errors.ts'
import type { AddedToken } from './added/addedTokens.ts'
import { TokenTrie } from './added/tokenTrie.ts'
import { type CutText, type JsonParts, PreTrainedTokenizer } from './base.ts'
import { checkNames } from './call/callOptions.ts'
import { type PostProcessor, untyped } from './call/postProcessor.ts'
import type { Pieces } from './call/tokenList.ts'
import { joinedPieces } from './decode.ts'
import { aroundBert } from './files/templateJson.ts'
import type { DecoderJson } from './files/tokenizerJson.ts'
import type { Kind, TokenizerSource } from './files/tokenizerSource.ts'
import { type TrainerOptions, trainPieces } from './model/trainer.ts'
import { readVocabTxt, Vocabulary, vocabularyOf } from './model/vocabulary.ts'
import { WordPiece } from './model/wordPiece.ts'
import { type BertTokenizerOptions, bertOnly, bertOptionNames } from './options.ts'
import { withDefaults } from './specialTokens.ts'
import { type AlignedText, alignedText, mapCodes } from './text/alignedText.ts'
import { lowered, type Normalization, pythonCleaned, pythonPlain, rustNormalized } from './text/bertNormalizer.ts'
import { bertWords, changedWords } from './text/bertWords.ts'
import type { Dialect } from './text/characters.ts'
import type { TokenizerClass } from './tokenizerClass.ts'

const specials = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
}

const cutsAll = { whole: new Set<string>(), keepsPunctuation: false }

/** transformers' BertTokenizer, which Python calls slow: NFC before words are cut, Python's Unicode tables. */
export class BertTokenizer extends PreTrainedTokenizer {
  static readonly kind: Kind = 'WordPiece'
  static readonly isFast: boolean = false
  static readonly optionNames = bertOptionNames
  static readonly jsonDefaults: object = { do_lower_case: true, tokenize_chinese_chars: true, strip_accents: null }

  readonly do_lower_case: boolean
  readonly do_basic_tokenize: boolean
  readonly tokenize_chinese_chars: boolean
  /** null: as do_lower_case. */
  readonly strip_accents: boolean | null
  readonly never_split: readonly string[] | null
  readonly #wordPiece: WordPiece
  /** undefined for a tokenizer.json without a normalizer. */
  readonly #normalization: Normalization | undefined
  readonly #decoder: DecoderJson
  readonly #whole: ReadonlySet<string>
  #capitals: { readonly key: string; readonly trie: TokenTrie<true> } | undefined

  /** @internal Use from_pretrained, from_files or from_vocab. */
  constructor(source: TokenizerSource, options: BertTokenizerOptions = {}) {
    checkNames(options, bertOptionNames, new.target.name, ConfigError)
    super(source, options, {
      clean_up_tokenization_spaces: source.json === undefined,
      model_input_names: ['input_ids', 'token_type_ids', 'attention_mask'],
    })
    const { json } = source
    const normalizer = json?.normalizer
    this.do_lower_case = options.do_lower_case ?? normalizer?.lowercase ?? true
    this.do_basic_tokenize = options.do_basic_tokenize ?? true
    this.tokenize_chinese_chars = options.tokenize_chinese_chars ?? normalizer?.handle_chinese_chars ?? true
    const strip_accents = options.strip_accents === undefined ? normalizer?.strip_accents : options.strip_accents
    this.strip_accents = strip_accents ?? null
    this.never_split = options.never_split ?? null
    this.#whole = new Set(this.is_fast || !this.do_basic_tokenize ? [] : this.never_split)
    this.#normalization =
      json && !normalizer
        ? undefined
        : {
            dialect: this.dialect,
            clean_text: normalizer?.clean_text ?? true,
            do_lower_case: this.do_lower_case,
            tokenize_chinese_chars: this.tokenize_chinese_chars,
            strip_accents: this.strip_accents ?? this.do_lower_case,
          }
    if (normalizer) this.#warnOfNormalizer(normalizer)
    this.#decoder = json ? json.decoder : { prefix: '##', cleanup: true }
    const unk_token = String(options.unk_token ?? specials.unk_token)
    this.#wordPiece = new WordPiece(source.vocabulary, json?.model.type === 'WordPiece' ? json.model : { unk_token })
    this.start(withDefaults(options, specials))
  }

  /** transformers lets the options win, also those that nobody gave. */
  #warnOfNormalizer(json: {
    lowercase: boolean
    strip_accents: boolean | undefined
    handle_chinese_chars: boolean
  }): void {
    const wanted = [json.lowercase, json.strip_accents ?? json.lowercase, json.handle_chinese_chars]
    const { do_lower_case, strip_accents, tokenize_chinese_chars } = this
    const used = [do_lower_case, strip_accents ?? do_lower_case, tokenize_chinese_chars]
    if (wanted.every((flag, i) => flag === used[i])) return
    const names = ['do_lower_case', 'strip_accents', 'tokenize_chinese_chars']
    const text = (flags: readonly boolean[]): string => names.map((name, i) => `${name} ${flags[i]}`).join(', ')
    const message = `tokenizer.json says ${text(wanted)}, but as in transformers the options and their defaults come first: ${text(used)}.`
    this.warn('TOKENIZER_FILES_DIFFER', message)
  }

  /** A tokenizer of a list of tokens, or of the text of a vocab.txt. Throws FileError VOCABULARY. */
  static from_vocab<T>(
    this: TokenizerClass<T, BertTokenizerOptions>,
    vocab: string | readonly string[],
    options: BertTokenizerOptions = {},
  ): T {
    return new this({ vocabulary: typeof vocab === 'string' ? readVocabTxt(vocab) : vocabularyOf(vocab) }, options)
  }

  /** Python's tokenizer puts all letters in lower case but those of special tokens, and so of tokens as it keeps them. */
  override beforeAdded(text: AlignedText): AlignedText {
    if (this.is_fast || !this.do_lower_case || !this.do_basic_tokenize) return text
    const trie = this.#withCapitals()
    let kept = 0
    return mapCodes(text, (code, place) => {
      if (place >= kept) kept = trie.longestAt(text.codes, place)?.to ?? kept
      return place < kept ? undefined : lowered(code, 'slow')
    })
  }

  /** The tokens that are looked for with their capitals. */
  #withCapitals(): TokenTrie<true> {
    const names = this.all_special_tokens
    const key = `${this.added.revision} ${names.join(' ')}`
    if (this.#capitals?.key === key) return this.#capitals.trie
    const trie = new TokenTrie<true>()
    const others = [...this.added.decoder.values()].filter(({ special, normalized }) => !special && normalized)
    for (const token of [...names, ...others]) trie.add(alignedText(String(token)).codes, true)
    this.#capitals = { key, trie }
    return trie
  }

  override normalized(text: AlignedText): AlignedText {
    const options = this.#normalization
    if (!options) return text
    if (this.is_fast) return rustNormalized(text, options)
    return this.do_basic_tokenize ? pythonCleaned(text, options) : text
  }

  override cut(text: AlignedText, splitsSpecial: boolean): CutText {
    const { dialect } = this
    const options = this.#normalization
    if (this.is_fast || !options) return { text, words: bertWords(text, dialect, cutsAll) }
    if (!this.do_basic_tokenize)
      return { text, words: bertWords(text, dialect, { ...cutsAll, keepsPunctuation: true }) }
    // Python's tokenizer does not look for special tokens then, but leaves words alone that are some.
    const whole = splitsSpecial ? new Set([...this.#whole, ...this.all_special_tokens]) : this.#whole
    const plain = changedWords(text, dialect, whole, word => pythonPlain(word, options))
    return { text: plain, words: bertWords(plain, dialect, { whole, keepsPunctuation: false }) }
  }

  protected override keptContent(token: AddedToken): AddedToken {
    const isLower = !this.is_fast && this.do_lower_case && this.do_basic_tokenize && token.normalized && !token.special
    return isLower ? token.with({ content: token.content.toLowerCase() }) : token
  }

  override piecesOf(word: string): Pieces {
    if (!this.#whole.has(word)) return this.#wordPiece.pieces(word)
    return { ids: [this.convert_tokens_to_ids(word)], tokens: [word], froms: [0], tos: [[...word].length] }
  }

  override convert_tokens_to_string(tokens: readonly string[]): string {
    if (!this.is_fast) return tokens.join(' ').replaceAll(' ##', '').trim()
    const decoder = this.#decoder
    return typeof decoder === 'object' ? joinedPieces(tokens, decoder.prefix, decoder.cleanup) : tokens.join(' ')
  }

  /** [CLS] first [SEP] second [SEP]; Python's tokenizer does not tell texts apart when there is no [SEP]. */
  protected override template(withSpecial: boolean): PostProcessor {
    if (!withSpecial) return untyped
    const { cls_token: cls, cls_token_id: clsId, sep_token: sep, sep_token_id: sepId } = this
    if (cls !== undefined && clsId !== undefined && sep !== undefined && sepId !== undefined) {
      return aroundBert([cls, clsId], [sep, sepId])
    }
    throw new InputError('NO_SPECIAL_TOKEN', 'the tokenizer has no cls_token and sep_token')
  }

  override ownOptions(): Record<string, unknown> {
    return Object.fromEntries(bertOnly.map(name => [name, this[name]]))
  }

  override vocabularyFiles(): Record<string, string> {
    const tokens = this.vocabulary.sorted().map(([token]) => token)
    return { 'vocab.txt': `${tokens.join('\n')}\n` }
  }

  override jsonParts(): JsonParts {
    const flags = this.#normalization
    const { unk_token, continuing_subword_prefix, max_input_chars_per_word } = this.#wordPiece.options
    return {
      normalizer: flags
        ? {
            type: 'BertNormalizer',
            clean_text: flags.clean_text,
            handle_chinese_chars: flags.tokenize_chinese_chars,
            strip_accents: this.strip_accents,
            lowercase: flags.do_lower_case,
          }
        : null,
      pre_tokenizer: { type: 'BertPreTokenizer' },
      decoder: typeof this.#decoder === 'object' ? { type: 'WordPiece', ...this.#decoder } : null,
      model: {
        type: 'WordPiece',
        unk_token,
        continuing_subword_prefix,
        max_input_chars_per_word,
        vocab: new Map(this.vocabulary.sorted()),
      },
    }
  }

  /** WordPiece's pieces are found as those of byte-pair encoding are; those inside of words begin with ##. */
  override trained(words: ReadonlyMap<string, number>, options: TrainerOptions): TokenizerSource {
    const prefix = this.#wordPiece.options.continuing_subword_prefix
    const { ids } = trainPieces(words, { ...options, continuing_subword_prefix: prefix })
    return { vocabulary: new Vocabulary(ids) }
  }
}

/** transformers' BertTokenizerFast: the lines that the Rust library draws. */
export class BertTokenizerFast extends BertTokenizer {
  static override readonly isFast = true

  override get dialect(): Dialect {
    return 'fast'
  }
}
