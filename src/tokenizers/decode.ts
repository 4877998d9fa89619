// Ids and tokens as text, and the spaces in it.
import type { PreTrainedTokenizer } from './base.ts'
import { checkNames } from './call/callOptions.ts'

export interface DecodeOptions {
  /** Leave out [CLS], [SEP], [PAD] and the like. */
  skip_special_tokens?: boolean
  /** Remove the spaces before English punctuation; the tokenizer's habit unless given. */
  clean_up_tokenization_spaces?: boolean | null
  /** Python's tokenizers: put a blank on both sides of tokens that were added; true unless given. */
  spaces_between_special_tokens?: boolean
  /** Remove the spaces beside Chinese characters, which Hugging Face leaves in. */
  compact?: boolean
}

const decodeOptionNames: readonly string[] = [
  ...(['skip_special_tokens', 'clean_up_tokenization_spaces', 'spaces_between_special_tokens', 'compact'] as const),
]

/** Ids as text. Throws InputError UNKNOWN_OPTION, and ID_RANGE for an id that is no token. */
export function decodeIds(tokenizer: PreTrainedTokenizer, ids: ArrayLike<number>, options: DecodeOptions): string {
  checkNames(options, decodeOptionNames, 'decode')
  const { skip_special_tokens = false, spaces_between_special_tokens = true, compact = false } = options
  const tokens = tokensOf(tokenizer, ids, skip_special_tokens)
  const toText = (run: readonly string[]): string => tokenizer.convert_tokens_to_string(run)
  const text = tokenizer.is_fast
    ? toText(tokens)
    : joinedApart(tokens, loneTokens(tokenizer), toText, spaces_between_special_tokens ? ' ' : '')
  const clean = options.clean_up_tokenization_spaces ?? tokenizer.clean_up_tokenization_spaces
  const spaced = clean ? withoutGaps(text) : text
  return compact ? compacted(spaced) : spaced
}

/** Fast tokenizers leave out every token that was added as a special one, Python's those that have a name. */
function tokensOf(tokenizer: PreTrainedTokenizer, ids: ArrayLike<number>, skipsSpecial: boolean): string[] {
  if (!tokenizer.is_fast) return tokenizer.convert_ids_to_tokens(ids, skipsSpecial)
  const tokens = tokenizer.convert_ids_to_tokens(ids)
  return skipsSpecial ? tokens.filter((_, place) => !tokenizer.added.tokenOf(ids[place]!)?.special) : tokens
}

/** Tokens that Python sets apart: those that were added, unless they have a name. */
function loneTokens(tokenizer: PreTrainedTokenizer): Set<string> {
  const special = new Set(tokenizer.all_special_tokens)
  const late = tokenizer.additional_special_tokens.filter(token => !tokenizer.vocabulary.ids.has(token))
  const unnamed = [...tokenizer.added_tokens_encoder.keys()].filter(token => !special.has(token))
  return new Set([...unnamed, ...late])
}

/** Tokens as Python joins them: those in `lone` are a text of their own, runs of the others become one. */
function joinedApart(
  tokens: readonly string[],
  lone: ReadonlySet<string>,
  toText: (run: readonly string[]) => string,
  between: string,
): string {
  const texts: string[] = []
  let run: string[] = []
  for (const token of tokens) {
    if (!lone.has(token)) {
      run.push(token)
      continue
    }
    const before = run.length > 0 ? toText(run) : ''
    texts.push(...(before === '' ? [token] : [before, token]))
    run = []
  }
  if (run.length > 0) texts.push(toText(run))
  return texts.join(between)
}

const gaps = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const

/** Without the spaces in front of English punctuation and short forms (transformers' clean_up_tokenization). */
function withoutGaps(text: string): string {
  return gaps.reduce((out, [from, to]) => out.replaceAll(from, to), text)
}

/** Pieces as the Rust library's WordPiece decoder joins them: each is cleaned by itself, with the blank in front of it. */
export function joinedPieces(tokens: readonly string[], prefix: string, cleanup: boolean): string {
  const spaced = tokens.map((token, i) => {
    if (i === 0) return token
    return token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
  })
  return (cleanup ? spaced.map(token => withoutGaps(token).replaceAll(' do not', " don't")) : spaced).join('')
}

const wide =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u2014\\u2018-\\u201d\\u2026\\u3000-\\u303f\\uff00-\\uffef]'
const besideWide = new RegExp(`(?<=${wide}) | (?=${wide})`, 'gu')

/** Without the spaces beside Chinese characters and their punctuation, where Chinese has none. */
function compacted(text: string): string {
  return text.replaceAll(besideWide, '')
}
