// save_pretrained(): the folder from which transformers and this library make the same model again.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packedMetadata, packedTensors } from '../src/checkpoint/packedWeights.ts'
import { byteCount } from '../src/checkpoint/shardPlan.ts'
import { type WritableTensor, writeWeights } from '../src/checkpoint/weightsWriter.ts'
import type { Packed } from '../src/dtype.ts'
import { ConfigError, FileError, nearestName, valueText } from '../src/errors.ts'
import { arraySource } from '../src/nn/initialize.ts'
import type { Module } from '../src/nn/module.ts'
import type { Parameter } from '../src/nn/parameter.ts'
import { pythonJson } from '../src/pythonText.ts'
import type { PretrainedConfig } from './config.ts'

export interface SavePretrainedOptions {
  /** The most bytes of weights in one file, as a number or as a text such as '200MB'; '5GB' unless given. */
  max_shard_size?: number | string
  /** Part of the weights' file names: 'fp16' writes model.fp16.safetensors. */
  variant?: string
  /** true: there is no other way here. */
  safe_serialization?: true
  /** Told after each piece how many bytes are written, and how many there are. */
  progress_callback?: (written: number, total: number) => void
}

/** Options of Hugging Face that would do what cannot be done here, and why. */
const refused: Readonly<Record<string, string>> = {
  push_to_hub: 'nothing is sent anywhere; upload the folder with huggingface-cli',
  state_dict: 'the weights of the model are what is written',
  save_function: 'files are written whole or not at all',
  is_main_process: 'there is one process',
  token: 'nothing is sent anywhere',
  save_peft_format: 'there are no adapters',
}

const known: readonly string[] = ['max_shard_size', 'variant', 'safe_serialization', 'progress_callback']

/** Writes weights and config.json. Returns the paths. Throws ConfigError for options, FileError for files. */
export function saveModel(
  model: Module & { readonly config: PretrainedConfig },
  folder: string,
  options: SavePretrainedOptions,
): string[] {
  checkOptions(options)
  checkTarget(folder)
  const { max_shard_size = '5GB', variant, progress_callback } = options
  const most = byteCount(max_shard_size, 'max_shard_size')
  const weights = [...model.named_parameters()]
  const tensors = new Map(weights.flatMap(([name, weight]) => writable(name, weight)))
  const kinds = new Set(weights.map(([, weight]) => packedOf(weight)?.kind))
  const small = (['q4', 'int8'] as const).find(kind => kinds.has(kind))
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'config.json')
  writeFileSync(config, configText(model))
  const written = writeWeights(folder, tensors, {
    max_shard_size: most,
    variant,
    ...(small && { metadata: packedMetadata(small) }),
    ...(progress_callback && { onProgress: progress_callback }),
  })
  return [config, ...written]
}

function packedOf({ value }: Parameter): Packed | undefined {
  return value.backend.packed(value.storage)
}

/** As float32, in which it is computed here, but small weights as they are. */
function writable(name: string, weight: Parameter): (readonly [name: string, tensor: WritableTensor])[] {
  const { value, shape } = weight
  const packed = packedOf(weight)
  if (packed) return [...packedTensors(name, shape, packed)]
  return [[name, { dtype: 'F32', shape, open: () => arraySource(value.data as Float32Array, shape) }]]
}

/** config.json that names the model's class and the type of its weights, which may have been another one. */
function configText(model: Module & { readonly config: PretrainedConfig }): string {
  const { torch_dtype: _, ...fields } = model.config.to_diff_dict()
  return `${pythonJson({ ...fields, architectures: [model.constructor.name], dtype: 'float32' })}\n`
}

function checkTarget(folder: string): void {
  if (typeof folder !== 'string' || folder === '') {
    const message = `save_pretrained: expected the path of a folder, got ${valueText(folder)}`
    throw new FileError('NOT_A_FOLDER', message, { hint: 'it is made if it is not there' })
  }
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new FileError('NOT_A_FOLDER', `save_pretrained: '${folder}' is a file`, {
      hint: 'give the path of a folder; it is made if it is not there',
      path: folder,
    })
  }
}

function checkOptions(options: SavePretrainedOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    if (why !== undefined) {
      throw new ConfigError('UNSUPPORTED_OPTION', `save_pretrained: the option ${name} is not supported`, {
        option: name,
        hint: why,
      })
    }
    if (!known.includes(name)) {
      const near = nearestName(name, known)
      throw new ConfigError('UNKNOWN_OPTION', `save_pretrained: there is no option '${name}'`, {
        option: name,
        hint: near ? `did you mean '${near}'?` : `options: ${known.join(', ')}`,
      })
    }
    if (name === 'safe_serialization' && value !== true) {
      throw new ConfigError('UNSUPPORTED_OPTION', 'save_pretrained: only safetensors are written', {
        option: name,
        hint: 'transformers loads them as it loads pytorch_model.bin; leave safe_serialization out',
      })
    }
  }
  if (options.variant !== undefined && !/^[\w-]+$/.test(options.variant)) {
    throw new ConfigError(
      'OPTION_VALUE',
      `save_pretrained: the variant '${options.variant}' is no part of a file's name`,
      {
        option: 'variant',
        hint: "such as 'fp16'",
      },
    )
  }
}
