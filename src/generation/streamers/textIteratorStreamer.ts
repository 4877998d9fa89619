// A streamer that is read with `for await`, while generate() runs.
import { InputError, VitrineError } from '../../errors.ts'
import { TextStreamer, type TextStreamerOptions, type TokenDecoder } from './textStreamer.ts'

export interface TextIteratorStreamerOptions extends Omit<TextStreamerOptions, 'callback_function'> {
  /** Seconds to wait for the next piece before the reader gets VitrineError STREAMER_TIMEOUT; no limit unless given. */
  timeout?: number
}

/**
 * `for await (const text of streamer)` reads the text of a single row, `streamer.row(i)` that of one among several.
 * When generation fails, its error comes out where the text is read.
 */
export class TextIteratorStreamer extends TextStreamer {
  readonly timeout: number | undefined
  readonly #rows = new Map<number, Pieces>()
  #isReadWhole = false

  constructor(tokenizer: TokenDecoder, { timeout, ...options }: TextIteratorStreamerOptions = {}) {
    super(tokenizer, options)
    this.timeout = timeout
  }

  /** The text of one row. */
  row(row: number): AsyncIterableIterator<string> {
    return this.#pieces(row).read(this.timeout)
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<string> {
    this.#isReadWhole = true
    return this.row(0)
  }

  #pieces(row: number): Pieces {
    const known = this.#rows.get(row) ?? new Pieces()
    this.#rows.set(row, known)
    return known
  }

  override put(rows: readonly (readonly number[])[]): void {
    if (rows.length > 1 && this.#isReadWhole) {
      throw new InputError('STREAMER_ROWS', `TextIteratorStreamer: there are ${rows.length} rows`, {
        hint: 'read each with streamer.row(i)',
      })
    }
    super.put(rows)
  }

  override on_finalized_text(text: string, stream_end = false, row = 0): void {
    const pieces = this.#pieces(row)
    if (text !== '') pieces.put(text)
    if (stream_end) pieces.close()
  }

  fail(error: unknown): void {
    if (this.#rows.size === 0) this.#pieces(0)
    for (const pieces of this.#rows.values()) pieces.close({ error })
  }
}

/** Pieces of text between a writer and one reader. */
class Pieces {
  readonly #waiting: string[] = []
  #end: { error?: unknown } | undefined
  #wake: (() => void) | undefined

  put(text: string): void {
    this.#waiting.push(text)
    this.#wake?.()
  }

  close(end: { error?: unknown } = {}): void {
    this.#end ??= end
    this.#wake?.()
  }

  async *read(timeout: number | undefined): AsyncGenerator<string, void> {
    for (;;) {
      const text = this.#waiting.shift()
      if (text !== undefined) {
        yield text
      } else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error
        return
      } else {
        await this.#news(timeout)
      }
    }
  }

  #news(timeout: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = timeout === undefined ? undefined : setTimeout(late, timeout * 1000)
      this.#wake = () => {
        clearTimeout(limit)
        this.#wake = undefined
        resolve()
      }
      function late(): void {
        reject(new VitrineError('STREAMER_TIMEOUT', `TextIteratorStreamer: no text came for ${timeout} seconds`))
      }
    })
  }
}
