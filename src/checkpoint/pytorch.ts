// Opening PyTorch's files on disk. What a file is, without a disk, is in pytorch/.
import { memoryBytes } from './byteSource.ts'
import { openBytes } from './fileBytes.ts'
import { PytorchFile } from './pytorch/pytorchFile.ts'

export { PytorchFile } from './pytorch/pytorchFile.ts'

/**
 * Opens a pytorch_model.bin and reads what it names; the numbers are read later, tensor by tensor, and nothing in it is run. Throws
 * FileError FILE_MISSING, NOT_A_FILE, FILE_UNREADABLE, or with the codes of `PytorchFile`.
 */
export function openPytorch(path: string): PytorchFile {
  return new PytorchFile(openBytes(path))
}

/** A file in memory; `bytes` must not change while it is used. Throws as `PytorchFile` does. */
export function parsePytorch(bytes: Uint8Array, name = 'PyTorch bytes'): PytorchFile {
  return new PytorchFile(memoryBytes(bytes, name))
}
