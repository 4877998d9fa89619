// The weights of a model folder, whichever way they are stored: safetensors before PyTorch's files, one file before several.
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FileError } from '../errors.ts'
import { checkFolder } from './folder.ts'
import { openPytorch } from './pytorch.ts'
import { openSafetensors } from './safetensors.ts'
import { ShardedWeights } from './shardedWeights.ts'
import type { Weights } from './weights.ts'

export interface WeightOptions {
  /** Whether pytorch_model.bin may be read (true unless given). Nothing in it is run either way. */
  readonly allow_pickle?: boolean
  /** true: only safetensors, false: only pytorch_model.bin; unless given the first that is there. */
  readonly use_safetensors?: boolean
  /** Weights of another kind in the same folder: 'fp16' reads model.fp16.safetensors. */
  readonly variant?: string
}

/** One way of storing weights. */
interface Form {
  readonly file: string
  readonly isPickle: boolean
  open(path: string): Weights
}

function formsFor(variant: string | undefined): Form[] {
  const part = variant === undefined ? '' : `.${variant}`
  const sharded = (open: (path: string) => Weights) => (path: string) => new ShardedWeights(path, open)
  return [
    { file: `model${part}.safetensors`, isPickle: false, open: openSafetensors },
    { file: `model.safetensors.index${part}.json`, isPickle: false, open: sharded(openSafetensors) },
    { file: `pytorch_model${part}.bin`, isPickle: true, open: openPytorch },
    { file: `pytorch_model.bin.index${part}.json`, isPickle: true, open: sharded(openPytorch) },
  ]
}

/**
 * The opened weights. Throws FileError WEIGHTS_MISSING, PICKLE_NOT_ALLOWED when there is only what `allow_pickle` forbids,
 * UNSAFE_NAME for a variant that is no part of a name, and what the readers of each format throw.
 */
export function openWeights(folder: string, options: WeightOptions = {}): Weights {
  checkFolder(folder)
  const { allow_pickle = true, use_safetensors, variant } = options
  if (variant !== undefined && !/^[\w-]+$/.test(variant)) {
    throw new FileError('UNSAFE_NAME', `the variant '${variant}' is no part of a file's name`, {
      hint: "such as 'fp16'; leave it out for the usual weights",
    })
  }
  const there = formsFor(variant).filter(({ file }) => statSync(join(folder, file), { throwIfNoEntry: false }))
  const wanted = there.filter(({ isPickle }) => use_safetensors === undefined || isPickle !== use_safetensors)
  const [form] = wanted.filter(({ isPickle }) => allow_pickle || !isPickle)
  if (form) return form.open(join(folder, form.file))
  const [refused] = wanted
  if (refused) {
    throw new FileError(
      'PICKLE_NOT_ALLOWED',
      `'${folder}' has its weights in ${refused.file}, and allow_pickle is false`,
      {
        path: folder,
        hint: `run "vitrine convert ${folder}", which writes model.safetensors and runs nothing, or leave allow_pickle out`,
      },
    )
  }
  throw missing(folder, options, there)
}

/** Formats that are not read, by the ends of their files' names. */
const foreign = /\.(h5|msgpack|onnx|gguf|ot|pt|pth|ckpt(\.index)?|safetensors|bin)$/

function missing(folder: string, { use_safetensors, variant }: WeightOptions, there: readonly Form[]): FileError {
  const wanted =
    use_safetensors === false ? `pytorch_model${variant ? `.${variant}` : ''}.bin` : formsFor(variant)[0]!.file
  const others = readdirSync(folder).filter(name => foreign.test(name))
  const shown = [...new Set([...there.map(({ file }) => file), ...others])]
  const found = shown.length > 0 ? `, only ${shown.slice(0, 4).join(', ')}${shown.length > 4 ? ' and more' : ''}` : ''
  return new FileError('WEIGHTS_MISSING', `there is no ${wanted} in '${folder}'${found}`, {
    path: folder,
    hint: hintFor(folder, shown),
  })
}

function hintFor(folder: string, found: readonly string[]): string {
  if (found.some(name => /-\d{5}-of-\d{5}\./.test(name)))
    return 'shards need their index: fetch model.safetensors.index.json too'
  if (found.length > 0) return 'save it again with save_pretrained() in Python'
  return `files of '${basename(folder)}' may be incomplete`
}
