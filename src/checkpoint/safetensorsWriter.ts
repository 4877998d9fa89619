// Writing tensors to a safetensors file on disk.
import { type NamedTensors, planSafetensors } from './safetensorsEncoder.ts'
import type { Metadata } from './safetensorsLayout.ts'
import { type WriteOptions, writeWhole } from './wholeFile.ts'

export { encodeSafetensors, type NamedTensors, type TensorData } from './safetensorsEncoder.ts'
export type { Metadata } from './safetensorsLayout.ts'

/**
 * Writes `tensors` to `path`, byte for byte as `safetensors.numpy.save_file` does (which orders metadata by chance; here it is
 * sorted). A file that is there is replaced at the end and stays as it is when something fails. Throws FileError as
 * `planSafetensors`, before anything is written, and as `writeWhole`.
 */
export function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  metadata?: Metadata,
  options?: WriteOptions,
): void {
  const { head, data } = planSafetensors(tensors, metadata, path)
  writeWhole(path, [head, ...data], options)
}
