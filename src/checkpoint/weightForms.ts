// The files in which a model's weights may lie, in the order in which they are preferred: safetensors before PyTorch's, one file before
// several. Folders and the hub choose by this one rule.
import { basename } from 'node:path'
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
function formsFor(variant: string | undefined): readonly WeightForm[] {
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

/** The forms that the options want of those that are there, in order, whether they are allowed or not. */
function wantedForms({ use_safetensors, variant }: WeightOptions, names: readonly string[]): WeightForm[] {
  return formsFor(variant).filter(
    ({ file, isPickle }) => (use_safetensors === undefined || isPickle !== use_safetensors) && names.includes(file),
  )
}

/** The form to read, of files of these names; undefined when there is none. Throws FileError UNSAFE_NAME. */
export function findForm(options: WeightOptions, names: readonly string[]): WeightForm | undefined {
  return wantedForms(options, names).find(({ isPickle }) => (options.allow_pickle ?? true) || !isPickle)
}

/**
 * The same, or the reason why there is none; `place` is the folder, or the model on the hub. Throws FileError WEIGHTS_MISSING,
 * PICKLE_NOT_ALLOWED when there is only what `allow_pickle` forbids, and UNSAFE_NAME.
 */
export function chooseForm(options: WeightOptions, names: readonly string[], place: string): WeightForm {
  const form = findForm(options, names)
  if (form) return form
  const [refused] = wantedForms(options, names)
  if (!refused) throw missing(options, names, place)
  throw new FileError(
    'PICKLE_NOT_ALLOWED',
    `'${place}' has its weights in ${refused.file}, and allow_pickle is false`,
    {
      path: place,
      hint: 'run "vitrine convert" on the folder, which writes model.safetensors and runs nothing, or leave allow_pickle out',
    },
  )
}

/** Whether a file has the name of one of those that an index of this form lists; what it really lists is in the index alone. */
export function isShardName({ isPickle }: WeightForm, variant: string | undefined, file: string): boolean {
  const pattern = isPickle ? /^pytorch_model(.*)-\d+-of-\d+(.*)\.bin$/ : /^model(.*)-\d+-of-\d+(.*)\.safetensors$/
  const [, before, after] = pattern.exec(file) ?? []
  return before !== undefined && `${before}${after}` === (variant === undefined ? '' : `.${variant}`)
}

/** Formats that are not read, by the ends of their files' names. */
const foreign = /\.(h5|msgpack|onnx|gguf|ot|pt|pth|ckpt(\.index)?|safetensors|bin)$/

function missing({ use_safetensors, variant }: WeightOptions, names: readonly string[], place: string): FileError {
  const forms = formsFor(variant)
  const wanted = forms.find(({ isPickle }) => isPickle === (use_safetensors === false))!.file
  const there = forms.filter(({ file }) => names.includes(file)).map(({ file }) => file)
  const shown = [...new Set([...there, ...names.filter(name => foreign.test(name))])]
  const found = shown.length > 0 ? `, only ${shown.slice(0, 4).join(', ')}${shown.length > 4 ? ' and more' : ''}` : ''
  return new FileError('WEIGHTS_MISSING', `there is no ${wanted} in '${place}'${found}`, {
    path: place,
    hint: hintFor(place, shown),
  })
}

function hintFor(place: string, found: readonly string[]): string {
  if (found.some(name => /-\d{5}-of-\d{5}\./.test(name)))
    return 'shards need their index: fetch model.safetensors.index.json too'
  if (found.length > 0) return 'save it again with save_pretrained() in Python'
  return `files of '${basename(place)}' may be incomplete`
}
