// BERT's tokenizer (transformers/models/bert/tokenization_bert.py and tokenization_bert_fast.py): clean, cut into words, and
// these into pieces; [CLS] and [SEP] around.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Callable } from '../callable.ts'
import { checkFolder, readJson } from '../checkpoint/folder.ts'
import { FileError, InputError } from '../errors.ts'
import { type AddedToken, addedToken, splitAtTokens, type TextPart } from './addedTokens.ts'
import { type AlignedText, alignedText, type Normalization, normalized, textOf, wordsIn } from './aligned.ts'
import { classesOf, type Dialect, punctuation } from './characters.ts'
import { compacted, withoutGaps } from './decode.ts'
import { type EncodeOptions, encodeBatch, type Text } from './encode.ts'
import type { BatchEncoding, Row, TokenPlace } from './encoding.ts'
import { type BertTokenizerOptions, fromFiles, type SpecialTokens, specialNames } from './options.ts'
import { readVocabulary, type Vocabulary, vocabularyOf } from './vocabulary.ts'
import { WordPiece } from './wordPiece.ts'

export interface DecodeOptions {
  /** Leave out [CLS], [SEP], [PAD] and the like. */
  skip_special_tokens?: boolean
  /** Remove the spaces before punctuation; the tokenizer's habit (true) unless given. */
  clean_up_tokenization_spaces?: boolean
  /** Remove the spaces beside Chinese characters, which Hugging Face leaves in. */
  compact?: boolean
}

export interface BertTokenizer {
  /** One text gives flat arrays, a list of texts one array for each. Throws InputError for options or texts that cannot be. */
  (words: readonly string[], options: EncodeOptions & { is_split_into_words: true }): BatchEncoding<number[]>
  (text: string, options?: EncodeOptions): BatchEncoding<number[]>
  (texts: readonly Text[], options?: EncodeOptions): BatchEncoding<number[][]>
}

/** transformers' BertTokenizer, which Python calls slow: NFC before words are cut, Python's Unicode tables. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class BertTokenizer extends Callable {
  /** The vocabulary of vocab.txt: token -> id. */
  readonly vocab: ReadonlyMap<string, number>
  readonly model_max_length: number
  readonly padding_side: 'left' | 'right'
  readonly truncation_side: 'left' | 'right'
  readonly clean_up_tokenization_spaces: boolean
  readonly #tokens: string[]
  readonly #ids: Map<string, number>
  readonly #special: SpecialTokens
  readonly #normalization: Normalization
  readonly #wordPiece: WordPiece
  readonly #neverSplit: ReadonlySet<string>
  readonly #cutsWords: boolean
  #added: readonly AddedToken[] = []

  /** @internal Python's lines between characters, or Rust's. */
  get dialect(): Dialect {
    return 'slow'
  }

  /** @internal Use from_pretrained or from_vocab. */
  constructor({ tokens, ids }: Vocabulary, options: BertTokenizerOptions = {}) {
    super()
    this.vocab = ids
    this.#tokens = [...tokens]
    this.#ids = new Map(ids)
    this.model_max_length = options.model_max_length ?? Infinity
    this.padding_side = options.padding_side ?? 'right'
    this.truncation_side = options.truncation_side ?? 'right'
    this.clean_up_tokenization_spaces = options.clean_up_tokenization_spaces ?? true
    const { do_lower_case = true } = options
    this.#normalization = {
      dialect: this.dialect,
      do_lower_case,
      tokenize_chinese_chars: options.tokenize_chinese_chars ?? true,
      strip_accents: options.strip_accents ?? do_lower_case,
    }
    this.#cutsWords = this.dialect === 'fast' || (options.do_basic_tokenize ?? true)
    this.#neverSplit = new Set(options.never_split ?? [])
    this.#special = specialsOf(options)
    this.#wordPiece = new WordPiece(ids, this.#idOfUnknown())
    this.#addTokens(Object.values(this.#special).map(content => addedToken(content, true)))
    this.#addTokens(options.added_tokens ?? [])
  }

  #idOfUnknown(): number {
    const id = this.vocab.get(this.#special.unk_token!)
    if (id !== undefined) return id
    throw new FileError(
      'VOCABULARY',
      `the vocabulary has no ${this.#special.unk_token}, which stands for unknown words`,
      {
        hint: 'is this the vocab.txt of a BERT?',
      },
    )
  }

  /**
   * The tokenizer of a folder with a vocab.txt; tokenizer_config.json, special_tokens_map.json and added_tokens.json are read
   * when they are there, and `options` come before them. Throws FileError for files that are missing or broken.
   */
  static async from_pretrained<T extends BertTokenizer>(
    this: new (
      vocabulary: Vocabulary,
      options: BertTokenizerOptions,
    ) => T,
    folder: string,
    options: BertTokenizerOptions = {},
  ): Promise<T> {
    checkFolder(folder)
    const path = join(folder, 'vocab.txt')
    if (!statSync(path, { throwIfNoEntry: false })) {
      throw new FileError('VOCABULARY_MISSING', `there is no vocab.txt in '${folder}'`, { path })
    }
    const json = (name: string) => readJson(folder, name) ?? {}
    const stored = fromFiles(json('tokenizer_config.json'), json('special_tokens_map.json'), json('added_tokens.json'))
    return new this(readVocabulary(readFileSync(path, 'utf8'), path), { ...stored, ...options })
  }

  /** The same as from_pretrained. */
  static fromPretrained<T extends BertTokenizer>(
    this: (new (
      vocabulary: Vocabulary,
      options: BertTokenizerOptions,
    ) => T) & {
      from_pretrained(folder: string, options?: BertTokenizerOptions): Promise<T>
    },
    folder: string,
    options?: BertTokenizerOptions,
  ): Promise<T> {
    return this.from_pretrained(folder, options)
  }

  /** A tokenizer of a list of tokens, or of the text of a vocab.txt. */
  static from_vocab<T extends BertTokenizer>(
    this: new (
      vocabulary: Vocabulary,
      options: BertTokenizerOptions,
    ) => T,
    vocab: string | readonly string[],
    options: BertTokenizerOptions = {},
  ): T {
    return new this(typeof vocab === 'string' ? readVocabulary(vocab) : vocabularyOf(vocab), options)
  }

  /** @internal What calling the object does. */
  call(text: Text | readonly Text[], options: EncodeOptions = {}): BatchEncoding {
    return encodeBatch(this, text, options)
  }

  /** @internal The tokens of one text or word, without any around them. */
  row(text: string, sequence: number): Row {
    const row: TokenPlace[] = []
    let words = 0
    let offset = 0
    for (const part of splitAtTokens(text, this.#added)) {
      if (part.token) row.push(this.#addedPlace(part, offset, sequence, words++))
      else words += this.#pushText(row, alignedText(part.text, offset), sequence, words)
      offset += lengthOf(part.text)
    }
    return row
  }

  /** Its offsets leave out the white space that it took away. */
  #addedPlace({ token, text }: TextPart, offset: number, sequence: number, word: number): TokenPlace {
    const start = offset + lengthOf(text) - lengthOf(text.trimStart())
    const end = offset + lengthOf(text.trimEnd())
    return this.#place(this.#ids.get(token!.content)!, start, end, sequence, word)
  }

  /** Adds the pieces of a text; returns the number of its words. */
  #pushText(row: TokenPlace[], text: AlignedText, sequence: number, firstWord: number): number {
    const classes = classesOf(this.dialect)
    const clean = this.#cutsWords ? normalized(text, this.#normalization) : text
    const words = wordsIn(clean, code => this.#cutsWords && classes[code] === punctuation, this.#neverSplit)
    for (const [i, { from, to }] of words.entries()) {
      const word = textOf(clean, from, to)
      if (this.#neverSplit.has(word)) {
        const place = this.#place(
          this.convert_tokens_to_ids(word),
          clean.starts[from]!,
          clean.ends[to - 1]!,
          sequence,
          firstWord + i,
        )
        row.push({ ...place, token: word })
        continue
      }
      const { ids, lengths } = this.#wordPiece.pieces(word)
      let at = from
      for (const [j, id] of ids.entries()) {
        const next = at + lengths[j]!
        row.push(this.#place(id, clean.starts[at]!, clean.ends[next - 1]!, sequence, firstWord + i))
        at = next
      }
    }
    return words.length
  }

  #place(id: number, start: number, end: number, sequence: number, word: number): TokenPlace {
    return { id, token: this.#tokens[id]!, start, end, word, sequence, type: sequence, mask: 1 }
  }

  /** @internal [CLS] first [SEP], or [CLS] first [SEP] second [SEP]. */
  assembled(first: Row, second: Row | undefined): Row {
    const around = (id: number | undefined, type: number): TokenPlace => {
      const known = this.#known(id, 'cls_token and sep_token')
      return { id: known, token: this.#tokens[known]!, start: 0, end: 0, word: null, sequence: null, type, mask: 1 }
    }
    const [begin, end] = [around(this.cls_token_id, 0), around(this.sep_token_id, 0)]
    return second ? [begin, ...first, end, ...second, around(this.sep_token_id, 1)] : [begin, ...first, end]
  }

  /** @internal What fills up rows. */
  filler(): TokenPlace {
    const id = this.#known(this.pad_token_id, 'pad_token')
    return { id, token: this.pad_token!, start: 0, end: 0, word: null, sequence: null, type: 0, mask: 0 }
  }

  #known(id: number | undefined, names: string): number {
    if (id !== undefined) return id
    throw new InputError('NO_SPECIAL_TOKEN', `the tokenizer has no ${names}`)
  }

  /** Number of tokens that are put around one text (2), or around a pair (3). */
  num_special_tokens_to_add(pair = false): number {
    return pair ? 3 : 2
  }

  /** [CLS] ids [SEP], or [CLS] ids [SEP] pair [SEP]. */
  build_inputs_with_special_tokens(ids: readonly number[], pair?: readonly number[]): number[] {
    const [cls, sep] = [this.#known(this.cls_token_id, 'cls_token'), this.#known(this.sep_token_id, 'sep_token')]
    return pair ? [cls, ...ids, sep, ...pair, sep] : [cls, ...ids, sep]
  }

  /** 0 for the first text with its tokens around, 1 for the second. */
  create_token_type_ids_from_sequences(ids: readonly number[], pair?: readonly number[]): number[] {
    return [...new Array<number>(ids.length + 2).fill(0), ...new Array<number>(pair ? pair.length + 1 : 0).fill(1)]
  }

  /** The tokens of a text as texts, without [CLS] and [SEP]. Throws InputError TEXT_TYPE. */
  tokenize(text: string): string[] {
    return this.call(text, { add_special_tokens: false }).tokens()
  }

  /** The ids of one text or pair. */
  encode(text: string, options: EncodeOptions = {}): number[] {
    return this.call(text, options).input_ids.flat()
  }

  /** Ids as text. Throws InputError ID_RANGE for an id that is no token, and names its place. */
  decode(ids: number | ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skip_special_tokens = false, compact = false } = options
    const list = typeof ids === 'number' ? [ids] : Array.from(ids)
    const special = new Set(this.all_special_ids)
    const kept = list.filter((id, place) => {
      this.#checkId(id, place)
      return !(skip_special_tokens && special.has(id))
    })
    const tokens = kept.map(id => this.#tokens[id]!)
    const clean = options.clean_up_tokenization_spaces ?? this.clean_up_tokenization_spaces
    const text = this.#joined(tokens)
    const spaced = clean || this.dialect === 'fast' ? withoutGaps(text) : text
    return compact ? compacted(spaced) : spaced
  }

  #checkId(id: number, place: number): void {
    if (Number.isInteger(id) && id >= 0 && id < this.#tokens.length) return
    throw new InputError(
      'ID_RANGE',
      `decode: ${String(id)} at place ${place} is no id of 0..${this.#tokens.length - 1}`,
      { id, place },
    )
  }

  /** Tokens as text. Those that were added stand alone: a piece behind one does not join it. */
  #joined(tokens: readonly string[]): string {
    const lone = new Set(this.#added.filter(({ special }) => !special).map(({ content }) => content))
    const runs: string[][] = [[]]
    for (const token of tokens) {
      if (lone.has(token)) runs.push([token], [])
      else runs.at(-1)!.push(token)
    }
    return runs
      .filter(run => run.length > 0)
      .map(run => this.convert_tokens_to_string(run))
      .join(' ')
  }

  /** Several rows of ids as texts. */
  batch_decode(rows: readonly ArrayLike<number>[], options: DecodeOptions = {}): string[] {
    return rows.map(ids => this.decode(ids, options))
  }

  /** Tokens joined by spaces, pieces to the word before them. */
  convert_tokens_to_string(tokens: readonly string[]): string {
    return tokens.join(' ').replaceAll(' ##', '').trim()
  }

  convert_tokens_to_ids(token: string): number
  convert_tokens_to_ids(tokens: readonly string[]): number[]
  /** The ids of tokens; that of [UNK] for one that is not there. */
  convert_tokens_to_ids(tokens: string | readonly string[]): number | number[] {
    const idOf = (token: string): number => this.#ids.get(token) ?? this.unk_token_id!
    return typeof tokens === 'string' ? idOf(tokens) : tokens.map(idOf)
  }

  convert_ids_to_tokens(id: number): string
  convert_ids_to_tokens(ids: ArrayLike<number>): string[]
  /** The tokens of ids. Throws InputError ID_RANGE. */
  convert_ids_to_tokens(ids: number | ArrayLike<number>): string | string[] {
    const tokenOf = (id: number, place: number): string => {
      this.#checkId(id, place)
      return this.#tokens[id]!
    }
    return typeof ids === 'number' ? tokenOf(ids, 0) : Array.from(ids, tokenOf)
  }

  /** Adds tokens that are found in texts before anything else; returns how many are new. */
  add_tokens(tokens: readonly (string | AddedToken)[], special_tokens = false): number {
    return this.#addTokens(tokens.map(token => (typeof token === 'string' ? addedToken(token, special_tokens) : token)))
  }

  #addTokens(tokens: readonly AddedToken[]): number {
    let fresh = 0
    for (const { content } of tokens) {
      if (content === '') throw new InputError('EMPTY_TOKEN', 'add_tokens: a token must not be empty')
      if (this.#ids.has(content)) continue
      this.#ids.set(content, this.#tokens.length)
      this.#tokens.push(content)
      fresh++
    }
    const names = new Set(tokens.map(({ content }) => content))
    this.#added = [...this.#added.filter(({ content }) => !names.has(content)), ...tokens]
    return fresh
  }

  /** Tokens of vocab.txt. */
  get vocab_size(): number {
    return this.vocab.size
  }

  /** All tokens with their ids, those that were added included. */
  get_vocab(): Map<string, number> {
    return new Map(this.#ids)
  }

  /** The special tokens, each once. */
  get all_special_tokens(): string[] {
    const added = this.#added.filter(({ special }) => special).map(({ content }) => content)
    return [...new Set([...Object.values(this.#special), ...added])]
  }

  get all_special_ids(): number[] {
    return this.convert_tokens_to_ids(this.all_special_tokens)
  }

  #idOf(name: keyof SpecialTokens): number | undefined {
    const token = this.#special[name]
    return token === undefined ? undefined : this.#ids.get(token)
  }

  get unk_token(): string | undefined {
    return this.#special.unk_token
  }

  get unk_token_id(): number | undefined {
    return this.#idOf('unk_token')
  }

  get cls_token(): string | undefined {
    return this.#special.cls_token
  }

  get cls_token_id(): number | undefined {
    return this.#idOf('cls_token')
  }

  get sep_token(): string | undefined {
    return this.#special.sep_token
  }

  get sep_token_id(): number | undefined {
    return this.#idOf('sep_token')
  }

  get pad_token(): string | undefined {
    return this.#special.pad_token
  }

  get pad_token_id(): number | undefined {
    return this.#idOf('pad_token')
  }

  get mask_token(): string | undefined {
    return this.#special.mask_token
  }

  get mask_token_id(): number | undefined {
    return this.#idOf('mask_token')
  }

  get bos_token(): string | undefined {
    return this.#special.bos_token
  }

  get bos_token_id(): number | undefined {
    return this.#idOf('bos_token')
  }

  get eos_token(): string | undefined {
    return this.#special.eos_token
  }

  get eos_token_id(): number | undefined {
    return this.#idOf('eos_token')
  }
}

/** transformers' BertTokenizerFast: the lines that the Rust library draws. */
export class BertTokenizerFast extends BertTokenizer {
  override get dialect(): Dialect {
    return 'fast'
  }
}

function specialsOf(options: BertTokenizerOptions): SpecialTokens {
  const defaults: SpecialTokens = {
    unk_token: '[UNK]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    cls_token: '[CLS]',
    mask_token: '[MASK]',
  }
  const given = specialNames.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]] as const]))
  return { ...defaults, ...Object.fromEntries(given) }
}

/** Number of code points. */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}
