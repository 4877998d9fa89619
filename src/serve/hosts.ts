// Which Host headers are taken. A page of the web can make a browser send requests here under a name of its own (DNS
// rebinding); it cannot do so under an address or under localhost.
import { isIP } from 'node:net'
import { ServeError } from './serveError.ts'

/** Throws ServeError 403 HOST unless the header names localhost, an address, or one of `allowed`. */
export function checkHost(header: string | undefined, allowed: readonly string[]): void {
  const name = hostName(header ?? '')
  if (name === 'localhost' || isIP(name) !== 0 || allowed.some(host => host.toLowerCase() === name)) return
  throw new ServeError(403, 'HOST', `the host '${name.slice(0, 100)}' is not served here`, {
    hint: 'start the server with --allow-host and this name',
  })
}

/** The name in a Host header, without port and brackets; '' for what is none. */
function hostName(header: string): string {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:/@\\\s]*))(?::\d{1,5})?$/i.exec(header) ?? []
  return (bracketed ?? plain ?? '').toLowerCase()
}
