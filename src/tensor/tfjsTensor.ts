// Tells tensors of tfjs from ours: they have the same name, and mixing them up is a mistake worth a clear word.
import { VitrineError } from '../errors.ts'

/** Whether `value` looks like a tensor of tfjs, of whatever copy of it. */
export function isTfjsTensor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['dataId', 'shape', 'dtype', 'dataSync'].every(name => name in value)
}

/** Throws VitrineError BACKEND_MISMATCH for a tensor of tfjs. `what` begins the message: 'add: the other operand'. */
export function refuseTfjs(value: unknown, what: string): void {
  if (!isTfjsTensor(value)) return
  throw new VitrineError('BACKEND_MISMATCH', `${what} is a tensor of tfjs`, { hint: 'bring it over: fromTfjs(x)' })
}
