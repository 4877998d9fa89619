// Texts end with a string, however tokens cut it (transformers/generation/stopping_criteria.py, StopStringCriteria).
import { ConfigError } from '../../errors.ts'
import { warnOnce } from '../../warnings.ts'
import { valueFault } from '../values.ts'
import { StoppingCriteria, type StoppingInput } from './criterion.ts'

/** What is needed of a tokenizer: the text of its tokens. */
export interface TokenTexts {
  encode(text: string, options: { add_special_tokens: boolean }): number[]
  convert_ids_to_tokens(ids: readonly number[]): string | string[]
  convert_tokens_to_string(tokens: readonly string[]): string
  get_vocab(): ReadonlyMap<string, number>
}

/**
 * Ends the rows in which a stop string was completed by the last token: the string may begin inside an earlier token
 * and end inside the last one, but where it stands only in tokens before the last it does not count.
 */
export class StopStringCriteria extends StoppingCriteria {
  readonly stop_strings: readonly string[]
  readonly #texts: ReadonlyMap<number, string>
  /** No stop string has more characters, so no more tokens matter. */
  readonly #longest: number

  /** Throws ConfigError GENERATION_VALUE, or STOP_STRING when no token can end any of the strings. */
  constructor(tokenizer: TokenTexts, stop_strings: string | readonly string[]) {
    super()
    const strings = typeof stop_strings === 'string' ? [stop_strings] : stop_strings
    if (!Array.isArray(strings) || strings.length === 0 || strings.some(text => typeof text !== 'string' || !text)) {
      throw valueFault('stop_strings', stop_strings, 'a text, or a list of texts, none of them empty')
    }
    this.stop_strings = strings
    this.#texts = textsOf(tokenizer)
    this.#longest = Math.max(...this.stop_strings.map(text => Array.from(text).length))
    const written = this.stop_strings.map(text => spaced(tokenizer, text))
    this.#checkEnds(written)
    for (const [i, text] of written.entries()) {
      if (text === undefined) continue
      const message = `stop_strings: this tokenizer writes '${this.stop_strings[i]}' as '${text}', and as in Hugging Face only that stops.`
      warnOnce('STOP_STRING_SPACES', message)
    }
  }

  #checkEnds(written: readonly (string | undefined)[]): void {
    for (const text of this.#texts.values()) if (this.stop_strings.some(string => overlaps(string, text))) return
    const shown = this.stop_strings.map(text => JSON.stringify(text)).join(', ')
    const better = written.find(text => text !== undefined)
    throw new ConfigError('STOP_STRING', `generate: no token of this tokenizer can end a text at ${shown}`, {
      hint: better ? `it writes '${better}'` : 'are the characters in its vocabulary?',
    })
  }

  override stop({ ids }: StoppingInput): boolean[] {
    return ids.map(row => {
      const texts = Array.from(row.subarray(-this.#longest), id => this.#texts.get(id) ?? '')
      const [all, last] = [texts.join(''), texts.at(-1)!]
      const before = all.length - last.length
      return this.stop_strings.some(string => all.indexOf(string, Math.max(before - string.length + 1, 0)) >= 0)
    })
  }
}

/** Whether some beginning of `text` is an end of `string`, or `text` holds all of it. */
function overlaps(string: string, text: string): boolean {
  if (text.includes(string)) return true
  for (let n = Math.min(string.length, text.length); n > 0; n--) if (string.endsWith(text.slice(0, n))) return true
  return false
}

/**
 * The text that each token adds behind others, by id: ' world' where the token is 'world' or 'Ġworld', 'ing' for
 * '##ing'.
 */
function textsOf(tokenizer: TokenTexts): ReadonlyMap<number, string> {
  const vocabulary = tokenizer.get_vocab()
  const known = found.get(tokenizer)
  if (known?.size === vocabulary.size) return known
  const others = [tokenizer.convert_ids_to_tokens(tokenizer.encode('abcdef', { add_special_tokens: false }))].flat()
  const { length } = tokenizer.convert_tokens_to_string(others)
  const texts = new Map<number, string>()
  for (const [token, id] of vocabulary) {
    texts.set(id, tokenizer.convert_tokens_to_string([...others, token]).slice(length))
  }
  found.set(tokenizer, texts)
  return texts
}

const found = new WeakMap<TokenTexts, ReadonlyMap<number, string>>()

/**
 * The string as the tokenizer writes it where that has more spaces: BertTokenizer puts them between Chinese characters.
 */
function spaced(tokenizer: TokenTexts, text: string): string | undefined {
  const tokens = [tokenizer.convert_ids_to_tokens(tokenizer.encode(text, { add_special_tokens: false }))].flat()
  const written = tokenizer.convert_tokens_to_string(tokens)
  const isSame = written.replaceAll(' ', '') === text.replaceAll(' ', '')
  return isSame && written.length > text.length ? written : undefined
}
