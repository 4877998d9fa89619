// Opening safetensors files on disk. What a file is, without a disk, is in safetensorsFile.ts.
import { openBytes } from './fileBytes.ts'
import { SafetensorsFile } from './safetensorsFile.ts'

export { parseSafetensors, SafetensorsFile, type TensorInfo } from './safetensorsFile.ts'

/**
 * Opens a file and checks its header; the numbers are read later, tensor by tensor. Throws FileError FILE_MISSING, NOT_A_FILE,
 * FILE_UNREADABLE, or with the codes of `readHeader`.
 */
export function openSafetensors(path: string): SafetensorsFile {
  return new SafetensorsFile(openBytes(path))
}
