// What every format of weights offers once it is opened: names, types and places at once, the numbers when they are asked for.
import type { TensorSource } from '../dtype.ts'
import type { HeaderDType } from './headerDType.ts'

/** One tensor as its file describes it. */
export interface WeightInfo {
  readonly dtype: HeaderDType
  readonly shape: readonly number[]
  readonly byteLength: number
}

export interface Weights extends Disposable {
  /** The path: of the file, or of the index of several. */
  readonly name: string
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, WeightInfo>
  /** Pieces of text kept beside the tensors. */
  readonly metadata: ReadonlyMap<string, string>
  /** Names whose tensor is another one's, by the name that comes first: tied weights, which only PyTorch's files know. */
  readonly aliases: ReadonlyMap<string, string>
  /** The path of the file that holds a tensor. Throws FileError MISSING_TENSOR. */
  fileOf(name: string): string
  /**
   * The elements of one tensor, read into the memory that is handed in and nowhere else. Throws FileError MISSING_TENSOR when
   * there is none of this name, UNSUPPORTED_DTYPE when Vitrine cannot compute with its type.
   */
  source(name: string): TensorSource
  /** Reads everything that has a checksum. Throws FileError CRC_MISMATCH. */
  verify(): void
  close(): void
}
