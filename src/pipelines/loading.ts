// The options of pipeline() that are about loading: Hugging Face's and transformers.js's names, and what they are here.

import type { CheckpointOptions } from '../../models/checkpointOptions.ts'
import type { PretrainedConfig } from '../../models/config.ts'
import type { ConfigFields } from '../../models/configFields.ts'
import type { ModelDType } from '../../models/dtype.ts'
import { usualValues } from '../../models/loadingOptions.ts'
import type { Backend, BackendName } from '../backend.ts'
import { ConfigError } from '../errors.ts'
import { type GivenHubOptions, type HubOptions, hubOptions } from '../hub/options.ts'
import type { PipelineTokenizer } from './tokenizer.ts'

export interface LoadingOptions extends ConfigFields, CheckpointOptions, HubOptions {
  /** The tokenizer, unless it is to come from the model's folder. */
  tokenizer?: PipelineTokenizer | string
  /** 'wasm' (the default), 'reference', or an opened back end. */
  backend?: Backend | BackendName
  /** transformers.js's and Hugging Face's name of where to compute: 'cpu', -1 and 'wasm' are all the wasm back end. */
  device?: 'cpu' | 'wasm' | -1
  /** What to keep the weights as, by from_pretrained's names. */
  dtype?: ModelDType
  /** The same under its older name. */
  torch_dtype?: ModelDType
  /** The Rust library's lines between characters (true, unless given), or Python's. */
  use_fast?: boolean
  /** The config, in the place of the one in the folder. */
  config?: PretrainedConfig
  /** Seed of the weights that the folder does not have. */
  seed?: number
  /** More options of from_pretrained, as in Hugging Face, and fields of config.json that no class here reads. */
  model_kwargs?: Readonly<Record<string, unknown>>
  /** Hugging Face's names of what is done here anyway. */
  attn_implementation?: 'eager' | 'sdpa'
  device_map?: 'cpu' | 'auto'
  framework?: 'pt'
  trust_remote_code?: false
}

const { attn_implementation, device_map, framework, trust_remote_code } = usualValues

/** Values of Hugging Face's options that ask for what is done anyway. */
const usual: Readonly<Record<string, readonly unknown[] | undefined>> = {
  ...{ attn_implementation, device_map, framework, trust_remote_code },
  binary_output: [false],
}

/** The same of options that do something when a folder is loaded, and nothing for a loaded model. */
const usualOfLoaded: Readonly<Record<string, readonly unknown[]>> = {
  device: ['cpu', -1],
  dtype: ['float32', 'fp32', 'auto'],
  torch_dtype: ['float32', 'fp32', 'auto'],
  use_safetensors: [true, false],
}

/** The options of a pipeline of a loaded model without those that ask for what is there. */
export function withoutUsual(options: object): object {
  const all = { ...usual, ...usualOfLoaded }
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => !all[name]?.includes(value)))
}

/** Names that mean nothing here, and why. */
const refused: Readonly<Record<string, string>> = {
  session_options: 'there is no ONNX session',
  model_file_name: 'weights are read from model.safetensors, not from an ONNX file',
  use_external_data_format: 'weights are read from model.safetensors, not from an ONNX file',
  framework: "there is only one, which stands for 'pt'",
  attn_implementation: "there is one attention, which stands for 'eager' and 'sdpa'",
  feature_extractor: 'models of text have none',
  image_processor: 'models of text have none',
  processor: 'models of text have none',
  output_loading_info: 'call from_pretrained of an Auto class for it',
  device_map: "there is one device, 'cpu'; see backend",
  trust_remote_code: 'no code of a model repository is ever run',
  binary_output: 'results are plain values',
}

/** Where model and tokenizer come from, and how from_pretrained of each is to be called. */
export interface Loading {
  readonly hub: GivenHubOptions
  readonly tokenizer: PipelineTokenizer | string | undefined
  readonly forModel: Readonly<Record<string, unknown>>
  readonly forTokenizer: { use_fast?: boolean }
}

/** Throws ConfigError UNSUPPORTED_OPTION. What it does not know itself goes to the model's from_pretrained. */
export function loadingOf(options: LoadingOptions): Loading {
  const all = { ...options, ...options.model_kwargs }
  const given: LoadingOptions = Object.fromEntries(
    Object.entries(all).filter(
      ([name, value]) => value !== undefined && value !== null && !usual[name]?.includes(value),
    ),
  )
  const { tokenizer, device, use_fast, model_kwargs: _, ...rest } = given
  const [hub, others] = hubOptions(rest)
  for (const name of Object.keys(others)) {
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    if (why === undefined) continue
    throw new ConfigError('UNSUPPORTED_OPTION', `pipeline: the option ${name} is not supported`, {
      option: name,
      hint: why,
    })
  }
  return {
    hub,
    tokenizer,
    forModel: {
      ...others,
      ...(device !== undefined && { backend: backendOf(device) }),
    },
    forTokenizer: use_fast === undefined ? {} : { use_fast },
  }
}

function backendOf(device: unknown): BackendName {
  if (device === 'cpu' || device === 'wasm' || device === -1) return 'wasm'
  const message = `pipeline: there is no device '${String(device)}' here`
  throw new ConfigError('UNSUPPORTED_OPTION', message, {
    option: 'device',
    hint: "known: 'wasm', 'cpu' (the same) and -1",
  })
}
