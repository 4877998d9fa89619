// A safetensors file opened for reading: names and places at once, the numbers when they are asked for. Knows nothing of disks.
import type { TensorSource } from '../dtype.ts'
import { FileError, nearestName } from '../errors.ts'
import { type ByteSource, memoryBytes } from './byteSource.ts'
import { isFileDType } from './headerDType.ts'
import { faultIn, quoted } from './headerFault.ts'
import { readHeader, type TensorInfo } from './safetensorsHeader.ts'

export type { TensorInfo } from './safetensorsHeader.ts'

/** The tensors and the metadata of one file. Its sources read until `close`. */
export class SafetensorsFile implements Disposable {
  /** The path, or the name that was given to bytes in memory. */
  readonly name: string
  /** All tensors, in the order of their bytes; also those of types that Vitrine cannot compute with. */
  readonly tensors: ReadonlyMap<string, TensorInfo>
  readonly metadata: ReadonlyMap<string, string>
  readonly #bytes: ByteSource

  /** Reads the header from `bytes` and closes them when it is refused. Throws FileError, with the codes of `readHeader`. */
  constructor(bytes: ByteSource) {
    try {
      const { tensors, metadata } = readHeader(bytes)
      this.tensors = tensors
      this.metadata = metadata
    } catch (error) {
      bytes.close()
      throw error
    }
    this.name = bytes.name
    this.#bytes = bytes
  }

  /**
   * The elements of one tensor, read into the memory that is handed in and nowhere else. Throws FileError MISSING_TENSOR when
   * there is none of this name, UNSUPPORTED_DTYPE when Vitrine cannot compute with its type.
   */
  source(name: string): TensorSource {
    const info = this.tensors.get(name)
    if (!info) throw this.#missing(name)
    const { dtype, shape, offset: start, byteLength } = info
    const fault = faultIn(this.name, name)
    if (!isFileDType(dtype)) {
      throw fault('UNSUPPORTED_DTYPE', `has the dtype ${dtype}, which Vitrine does not compute with`, {
        hint: 'save the checkpoint as F32, F16 or BF16',
        got: dtype,
      })
    }
    const read = (target: Uint8Array, offset: number) => {
      if (!(Number.isInteger(offset) && offset >= 0 && offset + target.length <= byteLength)) {
        throw fault('OUT_OF_BOUNDS', `has ${byteLength} bytes; asked for ${target.length} from byte ${offset} on`, {
          hint: 'read inside the tensor',
          expected: byteLength,
          got: offset + target.length,
        })
      }
      this.#bytes.read(target, start + offset)
    }
    return { dtype, shape, read }
  }

  close(): void {
    this.#bytes.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #missing(name: string): FileError {
    const nearest = nearNames(name, [...this.tensors.keys()])
    const hint =
      nearest.length > 0
        ? `did you mean ${nearest.map(quoted).join(' or ')}?`
        : `the names of its ${this.tensors.size} tensors are the keys of its "tensors"`
    return new FileError('MISSING_TENSOR', `${this.name} has no tensor ${quoted(name)}`, {
      hint,
      file: this.name,
      tensor: name,
      nearest,
    })
  }
}

/** A file in memory; `bytes` must not change while it is used. Throws as `readHeader` does. */
export function parseSafetensors(bytes: Uint8Array, name = 'safetensors bytes'): SafetensorsFile {
  return new SafetensorsFile(memoryBytes(bytes, name))
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
