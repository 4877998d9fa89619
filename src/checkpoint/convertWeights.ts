// pytorch_model.bin of a folder as model.safetensors beside it: nothing is run, and no tensor is in memory as a whole.
import { isFileDType } from './headerDType.ts'
import { openWeights } from './openWeights.ts'
import { type WritableTensor, type WriteWeightsOptions, writeWeights } from './weightsWriter.ts'

export type ConvertOptions = Pick<WriteWeightsOptions, 'max_shard_size' | 'overwrite' | 'onProgress' | 'variant'>

/**
 * Writes the tensors of PyTorch's file, or files, as safetensors, bit for bit; tied ones once, under the name that comes first, and
 * the others are told in the metadata. Every checksum is compared first. Returns the paths. Existing files are kept unless
 * `overwrite` is true. Throws FileError WEIGHTS_MISSING, FILE_EXISTS, CRC_MISMATCH, and as `openWeights` and `writeWeights`.
 */
export function convertWeights(
  folder: string,
  { overwrite = false, variant, ...options }: ConvertOptions = {},
): string[] {
  const which = variant === undefined ? {} : { variant }
  using weights = openWeights(folder, { use_safetensors: false, ...which })
  weights.verify()
  const tensors = new Map<string, WritableTensor>()
  for (const [name, { dtype, shape }] of weights.tensors) {
    if (weights.aliases.has(name)) continue
    // A storage of PyTorch has one of these types; for others `source` says why they cannot be read.
    const stored = isFileDType(dtype) ? dtype : weights.source(name).dtype
    tensors.set(name, { dtype: stored, shape, open: () => weights.source(name) })
  }
  const metadata = new Map([...weights.aliases, ['format', 'pt']])
  return writeWeights(folder, tensors, { ...options, ...which, overwrite, metadata })
}
