// train_new_from_iterator(): a tokenizer of the same kind, with the same options, and a vocabulary from other texts.
import { InputError, valueText } from '../errors.ts'
import { AddedToken } from './added/addedTokens.ts'
import type { PreTrainedTokenizer } from './base.ts'
import { checkNames } from './call/callOptions.ts'
import type { PostProcessor, TemplatePiece } from './call/postProcessor.ts'
import type { TokenizerSource } from './files/tokenizerSource.ts'
import type { TrainerOptions } from './model/trainer.ts'
import type { TokenizerOptions } from './options.ts'
import { specialNames } from './specialTokens.ts'
import { alignedText, textOf } from './text/alignedText.ts'

export interface TrainOptions
  extends Omit<TrainerOptions, 'vocab_size' | 'special_tokens' | 'continuing_subword_prefix'> {
  /** Special tokens that the new tokenizer has beside the old ones. */
  readonly new_special_tokens?: readonly (string | AddedToken)[]
  /** New texts of special tokens by their old ones. */
  readonly special_tokens_map?: Readonly<Record<string, string>>
}

const optionNames: readonly string[] = [
  ...(['new_special_tokens', 'special_tokens_map', 'min_frequency', 'limit_alphabet', 'initial_alphabet'] as const),
  'max_token_length',
]

/** A text to learn from, or several. */
export type TrainText = string | readonly string[]

/** How often each word came. */
type WordCounts = ReadonlyMap<string, number>

/** What a tokenizer is made of. */
export interface Made {
  readonly source: TokenizerSource
  readonly options: TokenizerOptions
}

/**
 * What a tokenizer with another vocabulary is made of; a promise of it when the texts are still to come. Throws InputError
 * OPTION_VALUE, UNKNOWN_OPTION and TEXT_TYPE.
 */
export function retrained(
  tokenizer: PreTrainedTokenizer,
  texts: Iterable<TrainText> | AsyncIterable<TrainText>,
  vocab_size: number,
  options: TrainOptions,
): Made | Promise<Made> {
  checkNames(options, optionNames, 'train_new_from_iterator')
  if (!Number.isInteger(vocab_size) || vocab_size < 1) {
    throw new InputError(
      'OPTION_VALUE',
      `train_new_from_iterator: vocab_size must be a whole number, got ${vocab_size}`,
    )
  }
  const counts = wordCounts(tokenizer, texts)
  const made = (words: WordCounts): Made => madeOf(tokenizer, words, vocab_size, options)
  return counts instanceof Promise ? counts.then(made) : made(counts)
}

function madeOf(
  tokenizer: PreTrainedTokenizer,
  words: WordCounts,
  vocab_size: number,
  { new_special_tokens = [], special_tokens_map = {}, ...options }: TrainOptions,
): Made {
  const renamed = (content: string): string => special_tokens_map[content] ?? content
  const old = [...tokenizer.added_tokens_decoder.values()].filter(({ special }) => special)
  const fresh = new_special_tokens.map(token =>
    typeof token === 'string' ? new AddedToken(token, { special: true }) : token.with({ special: true }),
  )
  const specials = [...old.map(token => token.with({ content: renamed(token.content) })), ...fresh]
  const special_tokens = specials.map(({ content }) => content)
  const trained = tokenizer.trained(words, { ...options, vocab_size, special_tokens })
  const decoder = new Map(specials.map(token => [trained.vocabulary.ids.get(token.content)!, token]))
  return {
    source: withJson(tokenizer.source, trained, decoder, renamed),
    options: {
      ...tokenizer.options,
      ...Object.fromEntries(
        specialNames.map(name => [name, tokenizer[name] === undefined ? null : renamed(tokenizer[name])]),
      ),
      added_tokens_decoder: decoder,
      additional_special_tokens: [...tokenizer.additional_special_tokens, ...fresh],
    },
  }
}

/** How often each word comes in texts, as the tokenizer cuts them. Tokens that were added are words like others. */
function wordCounts(
  tokenizer: PreTrainedTokenizer,
  texts: Iterable<TrainText> | AsyncIterable<TrainText>,
): WordCounts | Promise<WordCounts> {
  const counts = new Map<string, number>()
  if (typeof texts !== 'string' && Symbol.iterator in Object(texts)) {
    for (const text of texts as Iterable<TrainText>) countWords(tokenizer, text, counts)
    return counts
  }
  if (Symbol.asyncIterator in Object(texts)) return countAll(tokenizer, texts as AsyncIterable<TrainText>, counts)
  throw new InputError('TEXT_TYPE', `train_new_from_iterator: expected texts, got ${valueText(texts)}`, {
    hint: 'give a list of texts, or of lists of them, or a generator',
  })
}

async function countAll(
  tokenizer: PreTrainedTokenizer,
  texts: AsyncIterable<TrainText>,
  counts: Map<string, number>,
): Promise<WordCounts> {
  for await (const text of texts) countWords(tokenizer, text, counts)
  return counts
}

/** Throws InputError TEXT_TYPE. */
function countWords(tokenizer: PreTrainedTokenizer, text: TrainText, counts: Map<string, number>): void {
  for (const line of Array.isArray(text) ? (text as readonly string[]) : [text as string]) {
    if (typeof line !== 'string') {
      throw new InputError('TEXT_TYPE', `train_new_from_iterator: a text must be a string, got ${valueText(line)}`)
    }
    const cut = tokenizer.cut(tokenizer.normalized(tokenizer.beforeAdded(alignedText(line), {})), false)
    for (const { from, to } of cut.words) {
      const word = textOf(cut.text, from, to)
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
}

/** The new vocabulary in the tokenizer.json of the old one, if it had one. */
function withJson(
  { json }: TokenizerSource,
  trained: TokenizerSource,
  added_tokens: ReadonlyMap<number, AddedToken>,
  renamed: (token: string) => string,
): TokenizerSource {
  const { vocabulary, merges } = trained
  if (!json) return trained
  const pieceOf = (piece: TemplatePiece): TemplatePiece => {
    if (!('ids' in piece)) return piece
    const tokens = piece.tokens.map(renamed)
    return { ...piece, tokens, ids: tokens.map(token => vocabulary.ids.get(token)!) }
  }
  const { single, pair, ...others } = json.post_processor
  const post_processor: PostProcessor = { ...others, single: single.map(pieceOf), pair: pair.map(pieceOf) }
  const { unk_token } = json.model
  const unk = { unk_token: unk_token === undefined ? unk_token : renamed(unk_token) }
  const model =
    json.model.type === 'BPE'
      ? { ...json.model, ...unk, merges: merges! }
      : { ...json.model, unk_token: renamed(json.model.unk_token) }
  return { vocabulary, merges, json: { ...json, vocabulary, model, post_processor, added_tokens } }
}
