// A streamer that decodes: text as it becomes certain, printed or handed to a function, several rows apart from each
// other.
import { ConfigError, InputError, nearestName, valueText } from '../../errors.ts'
import { BaseStreamer } from './streamer.ts'
import { TextFlow } from './textFlow.ts'

/** What is needed of a tokenizer. */
export interface TokenDecoder {
  decode(ids: readonly number[], options?: Readonly<Record<string, unknown>>): string
}

export interface TextStreamerOptions {
  /** Leave the prompt out; false unless given. */
  skip_prompt?: boolean
  /** Leave special tokens out; false unless given. */
  skip_special_tokens?: boolean
  /** Remove the spaces in front of punctuation; the tokenizer's habit unless given. */
  clean_up_tokenization_spaces?: boolean
  /** No spaces between Chinese characters; false unless given. */
  compact?: boolean
  /** More options for the tokenizer's decode (the name is transformers.js's). */
  decode_kwargs?: Readonly<Record<string, unknown>>
  /** Gets each piece of text and the number of its row; without it text goes to the standard output. */
  callback_function?: (text: string, row: number) => void
  /** Gets the tokens of each step and the number of their row. */
  token_callback_function?: (tokens: readonly number[], row: number) => void
}

/** Prints the text of generate() as soon as whole words are there, and a line break at its end. */
export class TextStreamer extends BaseStreamer {
  readonly tokenizer: TokenDecoder
  readonly skip_prompt: boolean
  readonly #decodeOptions: Readonly<Record<string, unknown>>
  readonly #callback: TextStreamerOptions['callback_function']
  readonly #tokenCallback: TextStreamerOptions['token_callback_function']
  #flows: TextFlow[] = []
  #isPrompt = true

  /** Throws ConfigError STREAMER_TOKENIZER and UNKNOWN_OPTION. */
  constructor(tokenizer: TokenDecoder, options: TextStreamerOptions = {}) {
    super()
    checkArguments(new.target.name, tokenizer, options)
    const { skip_prompt = false, callback_function, token_callback_function, decode_kwargs, ...decode } = options
    this.tokenizer = tokenizer
    this.skip_prompt = skip_prompt
    this.#decodeOptions = { ...decode, ...decode_kwargs }
    this.#callback = callback_function
    this.#tokenCallback = token_callback_function
  }

  override put(rows: readonly (readonly number[])[]): void {
    const isPrompt = this.#isPrompt
    this.#isPrompt = false
    if (isPrompt) {
      this.#flows = rows.map(() => new TextFlow(ids => this.tokenizer.decode(ids, this.#decodeOptions)))
      if (this.skip_prompt) return
    }
    for (const [row, tokens] of rows.entries()) {
      if (tokens.length > 0) {
        this.#tokenCallback?.(tokens, row)
        this.on_finalized_text(this.#flows[row]!.put(...tokens), false, row)
      } else if (!isPrompt) {
        this.on_finalized_text(this.#flows[row]!.end(), false, row)
      }
    }
  }

  override end(): void {
    for (const [row, flow] of this.#flows.entries()) this.on_finalized_text(flow.end(), true, row)
    this.#isPrompt = true
  }

  /**
   * Called with each piece, '' included; `stream_end` when it is the row's last. Subclasses do with it what they like.
   */
  on_finalized_text(text: string, stream_end = false, row = 0): void {
    if (this.#callback) {
      if (text !== '') this.#callback(text, row)
      return
    }
    if (this.#flows.length > 1) {
      throw new InputError(
        'STREAMER_ROWS',
        `TextStreamer: ${this.#flows.length} rows would be printed into each other`,
        {
          hint: 'give callback_function: (text, row) => ...',
        },
      )
    }
    print(stream_end ? `${text}\n` : text)
  }
}

const optionNames = [
  ...['skip_prompt', 'skip_special_tokens', 'clean_up_tokenization_spaces', 'compact', 'decode_kwargs'],
  ...['callback_function', 'token_callback_function'],
]

function checkArguments(owner: string, tokenizer: unknown, options: object): void {
  if (typeof (tokenizer as Partial<TokenDecoder> | undefined)?.decode !== 'function') {
    const message = `${owner}: the first argument must be a tokenizer, got ${valueText(tokenizer)}`
    throw new ConfigError('STREAMER_TOKENIZER', message, { hint: 'it needs decode(ids)' })
  }
  const unknown = Object.keys(options).find(name => !optionNames.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, optionNames)
  throw new ConfigError('UNKNOWN_OPTION', `${owner}: there is no option ${unknown}`, {
    option: unknown,
    hint: near ? `did you mean ${near}?` : 'decode_kwargs holds more options of decode',
  })
}

function print(text: string): void {
  const output = globalThis.process?.stdout
  if (!output) {
    throw new ConfigError('STREAMER_OUTPUT', 'TextStreamer: there is no standard output here', {
      hint: 'give callback_function: text => ...',
    })
  }
  if (text !== '') output.write(text)
}
