// How an error is told: in the inference API's form, or in OpenAI's below /v1.
import type { ServeError } from './serveError.ts'

/** The body of an answer that is an error. */
export function errorBody({ message, code, param, status, body }: ServeError, url: string): object {
  if (!url.startsWith('/v1/')) return { error: message, error_type: typeOf(status), code, ...body }
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: param || null, code }, ...body }
}

/** text-generation-inference's words. */
function typeOf(status: number): string {
  if (status === 503) return 'overloaded'
  return status < 500 ? 'validation' : 'generation'
}
