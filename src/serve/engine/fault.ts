// Errors between threads: what an Error says, as plain values, and an Error again.
import { VitrineError } from '../../errors.ts'
import type { Fault } from './messages.ts'

/** Any thrown value as plain values; one that is no VitrineError has the code INTERNAL, an abort ABORTED. */
export function faultOf(error: unknown): Fault {
  if (error instanceof VitrineError) {
    const { name, code, message, fields } = error
    return { name, code, message, fields: plain(fields) }
  }
  if (error instanceof Error) {
    const code = error.name === 'AbortError' ? 'ABORTED' : 'INTERNAL'
    return { name: error.name, code, message: error.message, fields: {} }
  }
  return { name: 'Error', code: 'INTERNAL', message: String(error), fields: {} }
}

/** The fields that can go from thread to thread. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)),
  )
}

/** The error that a fault tells of, in the thread that it came to. */
export class EngineFault extends VitrineError {
  override readonly name: string

  constructor({ name, code, message, fields }: Fault) {
    super(code, message, fields)
    this.name = name
  }
}
