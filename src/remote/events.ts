// Server-sent events: the data of each, as JSON (https://html.spec.whatwg.org/multipage/server-sent-events.html).
import { RemoteError } from '../errors.ts'

/** The events of a body until it ends or says [DONE]; leaving early cancels it. Throws RemoteError REMOTE_ANSWER. */
export async function* jsonEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  for await (const data of eventData(body)) {
    if (data === '[DONE]') return
    yield parsed(data)
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new RemoteError('REMOTE_ANSWER', `remote: an event is not JSON: ${data.slice(0, 100)}`, { cause })
  }
}

/** An event is complete at its empty line; what the end of the body cuts off is none. */
async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let lines: string[] = []
  for await (const line of linesOf(body)) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!
    if (line === '') {
      if (lines.length > 0) yield lines.join('\n')
      lines = []
    } else if (field === 'data') lines.push(value)
  }
}

/** Lines end with \r\n, \n or \r, wherever the parts of the body are cut. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true })
    // A \r at the end may be the first half of \r\n.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    yield* lines
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1)
}
