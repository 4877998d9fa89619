// The option `dtype` of from_pretrained and from_config: its names, and what 'auto' means for a checkpoint.
import type { Backend } from '../src/backend.ts'
import { type PackedKind, type WeightDType, weightDTypes } from '../src/dtype.ts'
import { ConfigError, nearestName, valueText } from '../src/errors.ts'
import type { ConfigJson } from './configReader.ts'

/** Other names of the same: transformers.js's, and short ones of torch's. */
const aliases = {
  fp32: 'float32',
  fp16: 'float16',
  bf16: 'bfloat16',
  q8: 'int8',
} as const satisfies Record<string, WeightDType>

/**
 * What to keep the weights as: 'float32' (the default, but for a folder whose weights are small), 'float16', 'bfloat16', 'int8', 'q4', or transformers.js's 'fp32', 'fp16'
 * and 'q8'. 'auto' takes the type that config.json names, or else that of the file, where it is a half one.
 */
export type ModelDType = WeightDType | keyof typeof aliases | 'auto'

export const modelDTypes: readonly ModelDType[] = [
  ...weightDTypes,
  'auto',
  ...(Object.keys(aliases) as (keyof typeof aliases)[]),
]

/** Hugging Face's two spellings of the option. The old one counts when the other is not there. */
export interface DTypeOptions {
  dtype?: ModelDType | undefined
  torch_dtype?: ModelDType | undefined
}

/** What the weights in a file are. */
export interface StoredAs {
  /** The type of the first numbers. */
  readonly dtype?: string | undefined
  /** The kind of its small weights, where it has some. */
  readonly kind?: PackedKind | undefined
}

/**
 * The kind of weights that a call asks for; of small weights in a file those are kept, where the back end can and nothing
 * else is asked for. Throws ConfigError UNSUPPORTED_DTYPE for a name that is none, and for a kind that the back end does not
 * have.
 */
export function weightDTypeOf(
  { dtype, torch_dtype }: DTypeOptions,
  backend: Backend,
  config: ConfigJson,
  file: StoredAs = {},
): WeightDType {
  const asked = dtype ?? torch_dtype ?? (file.kind ? 'auto' : 'float32')
  if (asked === 'auto' && file.kind) return backend.weightDTypes.includes(file.kind) ? file.kind : 'float32'
  if (asked === 'auto') return halfOf(config.dtype ?? config.torch_dtype ?? file.dtype, backend)
  const named = Object.hasOwn(aliases, asked) ? aliases[asked as keyof typeof aliases] : asked
  const found = weightDTypes.find(name => name === named)
  if (!found) {
    const near = typeof asked === 'string' ? nearestName(asked, modelDTypes) : undefined
    throw new ConfigError('UNSUPPORTED_DTYPE', `there is no dtype ${valueText(asked)}`, {
      hint: near ? `did you mean '${near}'?` : `known: ${modelDTypes.join(', ')}`,
    })
  }
  if (backend.weightDTypes.includes(found)) return found
  throw new ConfigError('UNSUPPORTED_DTYPE', `the back end ${backend.name} does not keep weights as ${found}`, {
    hint: `it keeps them as ${backend.weightDTypes.join(', ')}`,
  })
}

/** What 'auto' is where the numbers are half ones, by any of their names, and the back end can keep them so. */
function halfOf(name: unknown, backend: Backend): WeightDType {
  const halves = { float16: 'float16', F16: 'float16', bfloat16: 'bfloat16', BF16: 'bfloat16' } as const
  const half = typeof name === 'string' && Object.hasOwn(halves, name) ? halves[name as keyof typeof halves] : 'float32'
  return backend.weightDTypes.includes(half) ? half : 'float32'
}
