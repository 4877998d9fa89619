// The files in which a model's weights may lie, in the order in which they are preferred: safetensors before PyTorch's, one file before
// several. Folders and the hub choose by the same rule.
import { FileError } from '../errors.ts'

export interface WeightOptions {
  /** Whether pytorch_model.bin may be read (true unless given). Nothing in it is run either way. */
  readonly allow_pickle?: boolean
  /** true: only safetensors, false: only pytorch_model.bin; unless given the first that is there. */
  readonly use_safetensors?: boolean
  /** Weights of another kind in the same folder: 'fp16' reads model.fp16.safetensors. */
  readonly variant?: string
}

/** One way of storing weights. */
export interface WeightForm {
  readonly file: string
  readonly isPickle: boolean
  /** An index of several files. */
  readonly isIndex: boolean
}

/** Throws FileError UNSAFE_NAME for a variant that is no part of a name. */
export function weightForms(variant: string | undefined): readonly WeightForm[] {
  if (variant !== undefined && !/^[\w-]+$/.test(variant)) {
    throw new FileError('UNSAFE_NAME', `the variant '${variant}' is no part of a file's name`, {
      hint: "such as 'fp16'; leave it out for the usual weights",
    })
  }
  const part = variant === undefined ? '' : `.${variant}`
  return [
    { file: `model${part}.safetensors`, isPickle: false, isIndex: false },
    { file: `model.safetensors.index${part}.json`, isPickle: false, isIndex: true },
    { file: `pytorch_model${part}.bin`, isPickle: true, isIndex: false },
    { file: `pytorch_model.bin.index${part}.json`, isPickle: true, isIndex: true },
  ]
}

/** The form to read of those that are there; `refused` is one that only `allow_pickle` forbids. */
export function chosenForm(
  { allow_pickle = true, use_safetensors, variant }: WeightOptions,
  isThere: (file: string) => boolean,
): { form?: WeightForm | undefined; refused?: WeightForm | undefined } {
  const wanted = weightForms(variant).filter(
    ({ file, isPickle }) => (use_safetensors === undefined || isPickle !== use_safetensors) && isThere(file),
  )
  const form = wanted.find(({ isPickle }) => allow_pickle || !isPickle)
  return form ? { form } : { refused: wanted[0] }
}

/** Whether a file has the name of one of those that an index of this form lists; what it really lists is in the index alone. */
export function isShardName({ isPickle }: WeightForm, variant: string | undefined, file: string): boolean {
  const pattern = isPickle ? /^pytorch_model(.*)-\d+-of-\d+(.*)\.bin$/ : /^model(.*)-\d+-of-\d+(.*)\.safetensors$/
  const [, before, after] = pattern.exec(file) ?? []
  return before !== undefined && `${before}${after}` === (variant === undefined ? '' : `.${variant}`)
}
