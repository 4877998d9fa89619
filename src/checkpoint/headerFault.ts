// Errors about the header of a safetensors file: which file, which tensor, and names from outside made safe to print.
import { type ErrorFields, FileError } from '../errors.ts'

/** Makes the error for one fault of one file or tensor. */
export type Fault = (code: string, message: string, facts?: ErrorFields & { readonly hint?: string }) => FileError

const usualHint = 'the file is damaged: fetch it again, or save it again with a safetensors library'

/** Faults of the file `file`, or of one tensor in it. */
export function faultIn(file: string, tensor?: string): Fault {
  const where = tensor === undefined ? file : `${file}: tensor ${quoted(tensor)}`
  const about = tensor === undefined ? { file } : { file, tensor }
  return (code, message, facts) => new FileError(code, `${where} ${message}`, { hint: usualHint, ...about, ...facts })
}

/** Characters that steer a terminal or turn the direction of text. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const mostShown = 100

/** A text from a file as messages show it: in quotes, on one line, escaped, and cut when long. */
export function quoted(text: string): string {
  const shown = text.length > mostShown ? `${text.slice(0, mostShown)}...` : text
  return JSON.stringify(shown).replace(unsafe, character => {
    const hex = character.codePointAt(0)!.toString(16)
    return `\\u${hex.length > 4 ? `{${hex}}` : hex.padStart(4, '0')}`
  })
}
