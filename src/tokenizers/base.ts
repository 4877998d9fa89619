// What all tokenizers share: the call and its relatives, decoding, and the folder they come from and go to
// (PreTrainedTokenizerBase of transformers/tokenization_utils_base.py).
import { InputError } from '../errors.ts'
import type { HubOptions } from '../hub/options.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { warnOnce } from '../warnings.ts'
import type { TextPart } from './added/textParts.ts'
import type { BatchEncoding } from './call/batchEncoding.ts'
import { checkedSide, checkNames, type EncodeOptions, encodeOptionNames, type Text } from './call/callOptions.ts'
import { encodeLists, encodeTexts } from './call/encode.ts'
import type { Encoding } from './call/encoding.ts'
import { type PadInputs, type PadOptions, padFields } from './call/padding.ts'
import { addedCount, assembled, type PostProcessor } from './call/postProcessor.ts'
import { listOfIds, type Pieces, TokenList } from './call/tokenList.ts'
import type { Texts } from './call/truncate.ts'
import { type DecodeOptions, decodeIds } from './decode.ts'
import { type SaveOptions, saveFiles, saveVocabulary } from './files/save.ts'
import { checkTemplate } from './files/templateJson.ts'
import { findTokenizerFiles, type TokenizerFiles } from './files/tokenizerFiles.ts'
import type { TokenizerSource } from './files/tokenizerSource.ts'
import { type IdRow, rowOfIds, rowsOfIds } from './idRows.ts'
import type { TrainerOptions } from './model/trainer.ts'
import type { TokenizerOptions } from './options.ts'
import { maskArguments, type SpecialMaskOptions } from './specialMask.ts'
import { SpecialTokens } from './specialTokens.ts'
import { summaryOf } from './summary.ts'
import { type AlignedText, alignedText, type Stretch, textOf } from './text/alignedText.ts'
import { type TokenizerClass, tokenizerOf } from './tokenizerClass.ts'
import { retrained, type TrainOptions, type TrainText } from './train.ts'

type WithTensors = EncodeOptions & { return_tensors: 'pt' | 'np' | 'tf' | 'jax' | 'mlx' | true }

export interface PreTrainedTokenizer {
  /**
   * One text gives flat arrays, a list of texts one array for each; tensors have rows in any case. Throws InputError for options or
   * texts that cannot be.
   */
  (text: Text | readonly Text[], options: WithTensors): BatchEncoding<Tensor>
  (text: Text | readonly Text[], options: EncodeOptions & { return_overflowing_tokens: true }): BatchEncoding
  (words: readonly string[], options: EncodeOptions & { is_split_into_words: true }): BatchEncoding<number[]>
  (text: string, options?: EncodeOptions): BatchEncoding<number[]>
  (texts: readonly Text[], options?: EncodeOptions): BatchEncoding<number[][]>
  (texts: Text | readonly Text[], options?: EncodeOptions): BatchEncoding
  (text: null, options: EncodeOptions & { text_target: Text | readonly Text[] }): BatchEncoding
}

/** A text in which the words are known. */
export interface CutText {
  readonly text: AlignedText
  readonly words: readonly Stretch[]
}

/** The components of a tokenizer.json that are a kind's own. */
export interface JsonParts {
  readonly normalizer: unknown
  readonly pre_tokenizer: unknown
  readonly decoder: unknown
  readonly model: Readonly<Record<string, unknown>>
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export abstract class PreTrainedTokenizer extends SpecialTokens {
  /** The most tokens of the model; Infinity when it states none. */
  model_max_length: number
  clean_up_tokenization_spaces: boolean
  /** Special tokens in a text are text. */
  split_special_tokens: boolean
  /** The fields that a call gives. */
  readonly model_input_names: readonly string[]
  readonly name_or_path: string
  /** @internal What it was made of. */
  readonly source: TokenizerSource
  /** @internal */
  readonly options: TokenizerOptions
  #padding_side: 'left' | 'right' = 'right'
  #truncation_side: 'left' | 'right' = 'right'
  #fixed: PostProcessor | undefined
  readonly #warned = new Set<string>()

  constructor(source: TokenizerSource, given: TokenizerOptions, defaults: TokenizerOptions = {}) {
    super(source.vocabulary)
    const options: TokenizerOptions = { ...defaults, ...source.json?.options, ...given }
    this.source = source
    this.options = given
    this.model_max_length = options.model_max_length ?? Infinity
    this.padding_side = options.padding_side ?? 'right'
    this.truncation_side = options.truncation_side ?? 'right'
    this.clean_up_tokenization_spaces = options.clean_up_tokenization_spaces ?? false
    this.split_special_tokens = options.split_special_tokens ?? false
    this.model_input_names = options.model_input_names ?? ['input_ids', 'attention_mask']
    this.name_or_path = options.name_or_path ?? ''
  }

  /** Where rows are filled up. Setting another word than left or right throws InputError OPTION_VALUE. */
  get padding_side(): 'left' | 'right' {
    return this.#padding_side
  }

  set padding_side(side: 'left' | 'right') {
    this.#padding_side = checkedSide('padding_side', side)
  }

  /** Where what is too long is cut off; as padding_side. */
  get truncation_side(): 'left' | 'right' {
    return this.#truncation_side
  }

  set truncation_side(side: 'left' | 'right') {
    this.#truncation_side = checkedSide('truncation_side', side)
  }

  /**
   * The tokenizer of a folder or of a model on the hub; `options` come before what its files say. Throws FileError for files that are
   * missing or broken, and HubError.
   */
  static async from_pretrained<T, O extends TokenizerOptions>(
    this: TokenizerClass<T, O>,
    name: string,
    options?: O & HubOptions,
  ): Promise<T> {
    return tokenizerOf(this, ...(await findTokenizerFiles(name, options)))
  }

  /** The same as from_pretrained. */
  static async fromPretrained<T, O extends TokenizerOptions>(
    this: TokenizerClass<T, O>,
    name: string,
    options?: O & HubOptions,
  ): Promise<T> {
    return tokenizerOf(this, ...(await findTokenizerFiles(name, options)))
  }

  /** The tokenizer of files that are at hand as texts, by name; needs no file system. */
  static from_files<T, O extends TokenizerOptions>(this: TokenizerClass<T, O>, files: TokenizerFiles, options?: O): T {
    return tokenizerOf(this, files, options)
  }

  /** Ends what the constructors of subclasses begin, when their fields are set. */
  protected start(options: TokenizerOptions): void {
    const { json } = this.source
    this.addGiven(options, json?.added_tokens ?? new Map())
    if (json) checkTemplate(json.post_processor, token => this.convert_tokens_to_ids(token))
    if (this.is_fast) this.#fixed = json?.post_processor ?? this.template(true)
  }

  /** @internal The name of the class in transformers. */
  get className(): string {
    return this.source.className ?? this.constructor.name
  }

  /** Whether it follows the Rust library, as the classes called Fast do, or Python. */
  get is_fast(): boolean {
    return this.dialect === 'fast'
  }

  /** @internal What happens to a text before tokens are looked for that were added. */
  beforeAdded(text: AlignedText, _options: EncodeOptions): AlignedText {
    return text
  }

  /** @internal The words of a text without such tokens. */
  abstract cut(text: AlignedText, splitsSpecial: boolean): CutText
  /** @internal The tokens of a word. */
  abstract piecesOf(word: string): Pieces
  /** What the kind puts around texts. */
  protected abstract template(withSpecial: boolean): PostProcessor
  /** @internal The options of the kind, as they are saved. */
  abstract ownOptions(): Record<string, unknown>
  /** @internal The files of the vocabulary, by name. */
  abstract vocabularyFiles(): Record<string, string>
  /** @internal The components of a tokenizer.json. */
  abstract jsonParts(): JsonParts
  /** @internal The vocabulary of words, each with how often it comes. */
  abstract trained(words: ReadonlyMap<string, number>, options: TrainerOptions): TokenizerSource
  /** Tokens as text. */
  abstract convert_tokens_to_string(tokens: readonly string[]): string

  /** @internal What stands around texts. A fast tokenizer's is fixed when it is made, as in transformers. */
  postProcessor(withSpecial: boolean): PostProcessor {
    return this.#fixed ?? this.template(withSpecial)
  }

  /** @internal The tokens of one text or word, without any around them. */
  tokensOf(text: string, options: EncodeOptions = {}): TokenList {
    const list = new TokenList()
    const splitsSpecial = options.split_special_tokens ?? this.split_special_tokens
    const before = this.beforeAdded(alignedText(text), options)
    for (const part of this.added.parts(before, 'original', splitsSpecial)) {
      if (part.token) this.#pushAdded(list, part)
      else {
        for (const inner of this.added.parts(this.normalized(part.text), 'normalized', splitsSpecial)) {
          if (inner.token) this.#pushAdded(list, inner)
          else this.#pushWords(list, this.cut(inner.text, splitsSpecial))
        }
      }
    }
    return list
  }

  /** Fast tokenizers show the text that was found, with its white space. */
  #pushAdded(list: TokenList, { token, text }: TextPart): void {
    const { content } = token!
    list.pushToken(this.added.idOf(content)!, this.is_fast ? textOf(text) : content, text.starts[0]!, text.ends.at(-1)!)
  }

  #pushWords(list: TokenList, { text, words }: CutText): void {
    for (const { from, to } of words) list.pushWord(text, from, this.piecesOf(textOf(text, from, to)))
  }

  /** @internal What calling the object does. */
  call(text: Text | readonly Text[] | null | undefined, options: EncodeOptions = {}): BatchEncoding {
    checkNames(options, this.callOptionNames, 'tokenizer')
    const { text_target, text_pair_target } = options
    const labels = (text_target ?? undefined) && encodeTexts(this, text_target!, text_pair_target, options)
    if (labels && (text === null || text === undefined)) return labels
    const encoding = encodeTexts(this, text as Text, options.text_pair, options)
    return labels ? Object.assign(encoding, { labels: labels.input_ids }) : encoding
  }

  /** @internal */
  get callOptionNames(): readonly string[] {
    return encodeOptionNames
  }

  /** One text or pair; the same as calling the tokenizer with it. */
  encode_plus(text: Text, options: EncodeOptions = {}): BatchEncoding<number[]> {
    return this.call(text, options) as BatchEncoding<number[]>
  }

  /** A list of texts or pairs; the same as calling the tokenizer with it. */
  batch_encode_plus(texts: readonly Text[], options: EncodeOptions = {}): BatchEncoding<number[][]> {
    return this.call(texts, options) as BatchEncoding<number[][]>
  }

  /** The ids of one text or pair. */
  encode(text: Text, options: EncodeOptions = {}): number[] {
    return this.encode_plus(text, options).input_ids
  }

  /** The tokens of a text as texts, without any around them unless asked for. Throws InputError TEXT_TYPE. */
  tokenize(text: string, { pair, ...options }: EncodeOptions & { pair?: string } = {}): string[] {
    const text_pair = pair ?? options.text_pair ?? null
    return this.call(text, { add_special_tokens: false, ...options, text_pair }).tokens()
  }

  /** Puts around ids, cuts and pads what is around and longer in a call. */
  prepare_for_model(
    ids: readonly number[],
    options: EncodeOptions & { pair_ids?: readonly number[] } = {},
  ): BatchEncoding {
    const { pair_ids, ...others } = options
    checkNames(others, encodeOptionNames, 'prepare_for_model')
    return encodeLists(this, [this.#lists(ids, pair_ids)], false, others, 'slow')
  }

  /** Fills up rows that were encoded before. Throws InputError PAD_INPUTS. */
  pad(inputs: PadInputs, options: PadOptions = {}): BatchEncoding {
    return padFields(this, inputs, options)
  }

  /** @internal The token for padding. Throws InputError NO_SPECIAL_TOKEN. */
  checkCanPad(): { id: number; token: string } {
    const { pad_token: token, pad_token_id: id } = this
    if (token !== undefined && id !== undefined) return { id, token }
    throw new InputError('NO_SPECIAL_TOKEN', 'the tokenizer has no pad_token', {
      hint: "tokenizer.pad_token = tokenizer.eos_token, or tokenizer.add_special_tokens({ pad_token: '[PAD]' })",
    })
  }

  /** Number of tokens that are put around one text, or around a pair. */
  num_special_tokens_to_add(pair = false): number {
    const processor = this.postProcessor(true)
    return addedCount(pair ? processor.pair : processor.single)
  }

  /** The most tokens of one text, those around it not counted. */
  get max_len_single_sentence(): number {
    return this.model_max_length - this.num_special_tokens_to_add(false)
  }

  /** The most tokens of a pair, those around it not counted. */
  get max_len_sentences_pair(): number {
    return this.model_max_length - this.num_special_tokens_to_add(true)
  }

  /** The tokens of ids, which are nowhere in a text. */
  #lists(...texts: readonly [first: readonly number[], second: readonly number[] | undefined]): Texts {
    const [first, second] = texts.map(ids => ids && listOfIds(ids, this.convert_ids_to_tokens(ids)))
    return [first!, second]
  }

  #around(ids: readonly number[], pair: readonly number[] | undefined): Encoding {
    return assembled(this.postProcessor(true), this.#lists(ids, pair), true)
  }

  /** The ids of a text or pair with those around them. */
  build_inputs_with_special_tokens(ids: readonly number[], pair?: readonly number[]): number[] {
    return this.#around(ids, pair).ids
  }

  /** token_type_ids of a text or pair with the tokens around: 0 for the first text, 1 for the second. */
  create_token_type_ids_from_sequences(ids: readonly number[], pair?: readonly number[]): number[] {
    return this.#around(ids, pair).type_ids
  }

  /**
   * 1 for each token that is put around a text or pair; of ids that have them already, 1 for each special token. What comes
   * behind the ids may stand in one object, as Python's keyword arguments. Throws InputError OPTION_VALUE for a pair that has
   * them already, and UNKNOWN_OPTION.
   */
  get_special_tokens_mask(
    ids: readonly number[],
    pairOrOptions?: readonly number[] | SpecialMaskOptions | null,
    already_has_special_tokens = false,
  ): number[] {
    const { pair, isWhole } = maskArguments(pairOrOptions, already_has_special_tokens)
    if (!isWhole) return this.#around(ids, pair).special_tokens_mask
    const special = new Set(this.all_special_ids)
    return ids.map(id => Number(special.has(id)))
  }

  /**
   * Ids, also as a tensor (T) or (1, T), as text. Throws InputError ID_RANGE for an id that is no token, and names its
   * place, DECODE_TYPE for what is no row of ids.
   */
  decode(ids: number | bigint | IdRow, options: DecodeOptions = {}): string {
    const isOne = typeof ids === 'number' || typeof ids === 'bigint'
    return decodeIds(this, isOne ? [Number(ids)] : rowOfIds(ids, 'decode'), options)
  }

  /** Several rows of ids, also as a tensor (rows, T), as texts. Throws as decode. */
  batch_decode(rows: readonly IdRow[] | Tensor, options: DecodeOptions = {}): string[] {
    return rowsOfIds(rows, 'batch_decode').map(ids => this.decode(ids, options))
  }

  /** Writes the files of the tokenizer into a folder; returns their paths. */
  async save_pretrained(folder: string, options: SaveOptions = {}): Promise<string[]> {
    return saveFiles(this, folder, options)
  }

  /** Writes the files of the vocabulary only. */
  async save_vocabulary(folder: string, filename_prefix?: string): Promise<string[]> {
    return saveVocabulary(this, folder, filename_prefix)
  }

  train_new_from_iterator(texts: Iterable<TrainText>, vocab_size: number, options?: TrainOptions): this
  train_new_from_iterator(texts: AsyncIterable<TrainText>, vocab_size: number, options?: TrainOptions): Promise<this>
  /**
   * A tokenizer of the same class and options with a vocabulary of `vocab_size` tokens from other texts, given one by one or in
   * lists; a promise of it when the texts are still to come, as the lines of a stream. Throws InputError OPTION_VALUE and
   * TEXT_TYPE.
   */
  train_new_from_iterator(
    texts: Iterable<TrainText> | AsyncIterable<TrainText>,
    vocab_size: number,
    options: TrainOptions = {},
  ): this | Promise<this> {
    const Class = this.constructor as new (source: TokenizerSource, options: TokenizerOptions) => this
    const made = retrained(this, texts, vocab_size, options)
    return made instanceof Promise
      ? made.then(({ source, options: own }) => new Class(source, own))
      : new Class(made.source, made.options)
  }

  /** The summary that Python prints: name, sizes, special tokens, and all tokens that were added. */
  override toString(): string {
    return summaryOf(this)
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** @internal A warning that this tokenizer gives once. */
  warn(code: string, message: string): void {
    if (this.#warned.has(code)) return
    this.#warned.add(code)
    warnOnce(code, message)
  }
}
