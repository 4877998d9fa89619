// The text of one answer as its tokens come: pieces that are certain, and its end before a stop text.

/** Why a text ended, in the words of text-generation-inference. */
export type FinishReason = 'length' | 'eos_token' | 'stop_sequence'

export interface AnswerOptions {
  readonly decode: (ids: readonly number[]) => string
  /** It decides how the text behind it begins: with a space, or as the rest of a word. */
  readonly prompt: readonly number[]
  /** Texts that end the answer and are no part of it. */
  readonly stops?: readonly string[]
}

/** Half of a character, as its bytes decode while the others are missing. */
const unfinished = '\uFFFD'

export class AnswerText {
  readonly #decode: AnswerOptions['decode']
  readonly #stops: readonly string[]
  readonly #ids: number[]
  readonly #start: number
  /** Behind the prompt, up to a stop text. */
  #text = ''
  #given = 0
  #isStopped = false

  constructor({ decode, prompt, stops = [] }: AnswerOptions) {
    this.#decode = decode
    this.#stops = stops
    this.#ids = [...prompt]
    this.#start = prompt.length === 0 ? 0 : decode(prompt).length
  }

  /** Whether a stop text has come. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  get text(): string {
    return this.#text
  }

  put(token: number): void {
    this.#ids.push(token)
    const text = this.#decode(this.#ids).slice(this.#start)
    const ends = this.#stops.map(stop => text.indexOf(stop)).filter(place => place >= 0)
    this.#isStopped = ends.length > 0
    this.#text = text.slice(0, Math.min(text.length, ...ends))
  }

  /** What has become certain since the last call; all that is left when the text has ended. */
  take(isEnd = false): string {
    const end = isEnd || this.#isStopped ? this.#text.length : this.#certain()
    const piece = this.#text.slice(this.#given, end)
    this.#given = Math.max(this.#given, end)
    return piece
  }

  /** How far the text is certain: characters may be half there, and its end may be the beginning of a stop text. */
  #certain(): number {
    const whole = this.#text.endsWith(unfinished) ? this.#text.replace(/\uFFFD+$/, '').length : this.#text.length
    const held = this.#stops.map(stop => overlap(this.#text.slice(0, whole), stop))
    return whole - Math.max(0, ...held)
  }
}

/** The length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let n = Math.min(text.length, stop.length - 1); n > 0; n--) if (text.endsWith(stop.slice(0, n))) return n
  return 0
}
