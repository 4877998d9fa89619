// The error for a name that a file of weights does not have, with the names that were probably meant.
import { FileError, nearestName } from '../errors.ts'
import { quoted } from './headerFault.ts'

/** FileError MISSING_TENSOR. */
export function missingTensor(file: string, name: string, known: Iterable<string>): FileError {
  const names = [...known]
  const nearest = nearNames(name, names)
  const hint =
    nearest.length > 0
      ? `did you mean ${nearest.map(quoted).join(' or ')}?`
      : `the names of its ${names.length} tensors are the keys of its "tensors"`
  const message = `${file} has no tensor ${quoted(name)}`
  return new FileError('MISSING_TENSOR', message, { hint, file, tensor: name, nearest })
}

/** Names that differ by a prefix (`transformer.`), up to three; else the one that a typing slip would explain. */
function nearNames(name: string, known: readonly string[]): string[] {
  const prefixed = known.filter(other => other.endsWith(`.${name}`) || name.endsWith(`.${other}`))
  if (prefixed.length > 0) return prefixed.slice(0, 3)
  const similar = nearestName(
    name,
    known.filter(other => Math.abs(other.length - name.length) <= Math.max(2, name.length / 3)),
  )
  return similar === undefined ? [] : [similar]
}
