// Server-sent events of an answer, read to the end.

import type { RunningServer } from '../../src/index.ts'
import { jsonEvents } from '../../src/remote/events.ts'

/** The events after a POST, with the status and the type of the answer. */
export async function eventsOf<Event>(
  { url }: RunningServer,
  path: string,
  body: object,
): Promise<{ status: number; type: string | null; events: Event[] }> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const events: Event[] = []
  for await (const event of jsonEvents(response.body!)) events.push(event as Event)
  return { status: response.status, type: response.headers.get('content-type'), events }
}
