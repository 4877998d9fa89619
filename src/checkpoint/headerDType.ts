// The element types a safetensors header may name: more than Vitrine computes with, all of known size.
import { bytesOf, type FileDType } from '../dtype.ts'

/** How one element is encoded, by the names safetensors uses. */
export type HeaderDType =
  | FileDType
  | 'F4'
  | 'F6_E2M3'
  | 'F6_E3M2'
  | 'F8_E5M2'
  | 'F8_E4M3'
  | 'F8_E8M0'
  | 'F8_E4M3FNUZ'
  | 'F8_E5M2FNUZ'
  | 'U16'
  | 'U32'
  | 'U64'
  | 'C64'

/** Bits of one element, in the order that the safetensors library gives its types: its writer sorts tensors by it, last first. */
export const bitsOf: ReadonlyMap<string, number> = new Map<HeaderDType, number>([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
])

export function isHeaderDType(name: string): name is HeaderDType {
  return bitsOf.has(name)
}

/** True for the types that Vitrine can compute with. */
export function isFileDType(dtype: HeaderDType): dtype is FileDType {
  return Object.hasOwn(bytesOf, dtype)
}
