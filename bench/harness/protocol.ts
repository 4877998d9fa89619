// How the bench speaks with a process that holds one engine: a request is a line of JSON on its standard input, the answer a line
// on its file descriptor 3. What engines print themselves goes elsewhere and harms nothing.
import type { EngineOptions, Gives } from '../peers/engine.ts'

export type Request =
  | { readonly do: 'open'; readonly options: EngineOptions }
  | { readonly do: 'lastLogits'; readonly ids: readonly number[]; readonly values: boolean }
  | { readonly do: 'generate'; readonly ids: readonly number[]; readonly count: number }
  | { readonly do: 'hidden'; readonly rows: readonly (readonly number[])[]; readonly values: boolean }
  | { readonly do: 'memory' }
  | { readonly do: 'close' }

/** Answers to each kind of request. Milliseconds are measured inside, around the engine's own call. */
export interface Answers {
  open: { about: string; milliseconds: number }
  lastLogits: Timed
  /** One time for each token: the first holds the prompt too. */
  generate: { tokens: number[]; milliseconds: number[] }
  hidden: Timed
  /** Most bytes the process has held so far, and those of them that are shared with files. */
  memory: { peak: number }
  close: Record<string, never>
}

interface Timed {
  milliseconds: number
  /** Little-endian float32 as base64, when they were asked for. */
  values?: string
  gives?: Gives
}

export type Answer<R extends Request> = Answers[R['do']]

export function encodeValues(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

export function decodeValues(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
