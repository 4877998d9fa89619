// A safetensors file opened for reading: names and places at once, the numbers when they are asked for. Knows nothing of disks.
import type { TensorSource } from '../dtype.ts'
import { type ByteSource, memoryBytes } from './byteSource.ts'
import { isFileDType } from './headerDType.ts'
import { faultIn } from './headerFault.ts'
import { missingTensor } from './missingTensor.ts'
import { readHeader, type TensorInfo } from './safetensorsHeader.ts'
import type { Weights } from './weights.ts'

export type { TensorInfo } from './safetensorsHeader.ts'

/** The tensors and the metadata of one file. Its sources read until `close`. */
export class SafetensorsFile implements Weights {
  /** The path, or the name that was given to bytes in memory. */
  readonly name: string
  /** All tensors, in the order of their bytes; also those of types that Vitrine cannot compute with. */
  readonly tensors: ReadonlyMap<string, TensorInfo>
  readonly metadata: ReadonlyMap<string, string>
  /** None: the format has every tensor once. */
  readonly aliases: ReadonlyMap<string, string> = new Map()
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

  fileOf(name: string): string {
    if (this.tensors.has(name)) return this.name
    throw missingTensor(this.name, name, this.tensors.keys())
  }

  /**
   * The elements of one tensor, read into the memory that is handed in and nowhere else. Throws FileError MISSING_TENSOR when
   * there is none of this name, UNSUPPORTED_DTYPE when Vitrine cannot compute with its type.
   */
  source(name: string): TensorSource {
    const info = this.tensors.get(name)
    if (!info) throw missingTensor(this.name, name, this.tensors.keys())
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

  /** The format has no checksums. */
  verify(): void {}

  close(): void {
    this.#bytes.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** A file in memory; `bytes` must not change while it is used. Throws as `readHeader` does. */
export function parseSafetensors(bytes: Uint8Array, name = 'safetensors bytes'): SafetensorsFile {
  return new SafetensorsFile(memoryBytes(bytes, name))
}
