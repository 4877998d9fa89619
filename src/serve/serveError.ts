// What the server refuses: an error with the HTTP status that says so, and the statuses of the library's own errors.
import { VitrineError } from '../errors.ts'

export interface ServeErrorOptions {
  readonly hint?: string
  /** The field of the request that is wrong. */
  readonly param?: string
  /** More headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** More fields of the answer's body. */
  readonly body?: Readonly<Record<string, unknown>>
}

export class ServeError extends VitrineError {
  override readonly name = 'ServeError'
  readonly status: number
  readonly param: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, options: ServeErrorOptions = {}) {
    const { hint, param, headers = {}, body = {} } = options
    super(code, message, { status, ...(hint !== undefined && { hint }), ...(param !== undefined && { param }) })
    this.status = status
    this.param = param
    this.headers = headers
    this.body = body
  }
}

/** A field of a request that cannot be. */
export function badField(param: string, message: string, hint?: string): ServeError {
  return new ServeError(400, 'BAD_REQUEST', message, { param, ...(hint !== undefined && { hint }) })
}

/** Classes of errors about what the caller sent. */
const ofCaller: readonly string[] = ['InputError', 'ConfigError']

/** An error as the one that is answered: what the caller sent is a 400, anything else a 500. */
export function serveErrorOf(error: unknown): ServeError {
  if (error instanceof ServeError) return error
  if (!(error instanceof VitrineError) || error.code === 'INTERNAL') {
    return new ServeError(500, 'INTERNAL', 'the server failed: its log says how')
  }
  const status = error.code === 'ENGINE_CLOSED' ? 503 : ofCaller.includes(error.name) ? 400 : 500
  const { option } = error.fields
  const param = typeof option === 'string' ? { param: option } : {}
  return new ServeError(status, error.code, error.message, param)
}
