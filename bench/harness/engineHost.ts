// The program of a process that holds one engine written in JavaScript: `node engineHost.js NAME`. See protocol.ts.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Engine } from '../peers/engine.ts'
import { peerNamed } from '../peers/index.ts'
import { peakMemory } from './memory.ts'
import { type Answers, encodeValues, type Request } from './protocol.ts'

const answersFd = 3
let engine: Engine | undefined

/** The engine's own function. Throws when it has none. */
function able<K extends 'lastLogits' | 'generate' | 'hidden'>(what: K): NonNullable<Engine[K]> {
  const method = engine?.[what]
  if (!method) throw new Error(`this engine has no ${what}`)
  return method.bind(engine) as NonNullable<Engine[K]>
}

async function answer(request: Request): Promise<Answers[Request['do']]> {
  const start = performance.now()
  const elapsed = () => performance.now() - start
  switch (request.do) {
    case 'open': {
      const { open } = peerNamed(process.argv[2] ?? '')
      if (!open) throw new Error('this engine is not one of JavaScript')
      engine = await open(request.options)
      return { about: engine.about, milliseconds: elapsed() }
    }
    case 'lastLogits':
      if (engine?.prefill && !request.values) {
        await engine.prefill(request.ids)
        return { milliseconds: elapsed() }
      }
      return timed(await able('lastLogits')(request.ids), elapsed(), request)
    case 'hidden':
      return timed(await able('hidden')(request.rows), elapsed(), request)
    case 'generate': {
      const tokens: number[] = []
      const milliseconds: number[] = []
      let last = performance.now()
      await able('generate')(request.ids, request.count, token => {
        const now = performance.now()
        tokens.push(token)
        milliseconds.push(now - last)
        last = now
      })
      return { tokens, milliseconds }
    }
    case 'memory':
      return { peak: peakMemory() }
    case 'close':
      await engine?.close?.()
      return {}
  }
}

function timed(values: Float32Array, milliseconds: number, request: Request & { do: 'lastLogits' | 'hidden' }) {
  const gives = engine?.gives?.[request.do]
  return { milliseconds, ...(request.values && { values: encodeValues(values) }), ...(gives && { gives }) }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  let reply: string
  try {
    reply = JSON.stringify(await answer(request))
  } catch (error) {
    reply = JSON.stringify({ error: error instanceof Error ? error.message : String(error) })
  }
  writeAll(`${reply}\n`)
  if (request.do === 'close') break
}
// Also when the bench is gone: native libraries keep threads alive that would hold the process.
process.exit()

/** Writes a whole text: a pipe takes a part at a time. */
function writeAll(text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(answersFd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
