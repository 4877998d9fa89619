// The token that requests must carry, if there is one.
import { createHash, timingSafeEqual } from 'node:crypto'
import { ServeError } from './serveError.ts'

/** Throws ServeError 401 TOKEN unless the header is `Bearer` and the token. How long that takes tells nothing. */
export function checkToken(header: string | undefined, token: string | undefined): void {
  if (token === undefined) return
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return
  const message = given === undefined ? 'this server wants a token' : 'the token is not the one of this server'
  throw new ServeError(401, 'TOKEN', message, {
    hint: 'Authorization: Bearer …',
    headers: { 'WWW-Authenticate': 'Bearer' },
  })
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
