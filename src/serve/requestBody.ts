// The body of a request: JSON and nothing else, up to a limit.
import type { IncomingMessage } from 'node:http'
import { badField, ServeError } from './serveError.ts'

/** Deeper bodies than any request needs would cost stack. */
const mostDepth = 32

/** The parsed body. Throws ServeError 415 for another type, 413 above `limit` bytes, 400 for what is no JSON. */
export async function jsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  checkType(request)
  const bytes = await readAll(request, limit)
  const value = parse(bytes)
  if (isDeeper(value, mostDepth)) throw badField('', `the body is nested deeper than ${mostDepth}`)
  return value
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? 'none'
  const isJson = /^application\/json *(; *charset="?utf-?8"?)? *$/i.test(type)
  if (!isJson) {
    throw new ServeError(415, 'NOT_JSON', `the body must be application/json, and its type is ${type.slice(0, 100)}`, {
      hint: 'Content-Type: application/json',
    })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return
  throw new ServeError(415, 'ENCODED', `the body must not be compressed, and it is ${encoding.slice(0, 100)}`)
}

async function readAll(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

function tooLarge(limit: number): ServeError {
  const message = `the body has more than ${limit} bytes`
  return new ServeError(413, 'BODY_TOO_LARGE', message, { headers: { Connection: 'close' } })
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw badField(
      '',
      `the body is not valid JSON: ${error instanceof SyntaxError ? error.message : 'it is not UTF-8'}`,
    )
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(inner => isDeeper(inner, depth - 1))
}
