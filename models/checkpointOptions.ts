// The options of from_pretrained that are about files: which are read, and what may differ between them and the model.
import { ConfigError, valueText } from '../src/errors.ts'

export interface CheckpointOptions {
  /**
   * Whether weights may come from pytorch_model.bin (true unless given): it is read without Python and without running
   * anything. safetensors are preferred where both are.
   */
  allow_pickle?: boolean
  /** true: only safetensors, false: only pytorch_model.bin; unless given the first that is there. */
  use_safetensors?: boolean
  /** Weights of another kind in the same folder: 'fp16' reads model.fp16.safetensors. */
  variant?: string
  /**
   * Patterns (JavaScript's regular expressions, `$1` for a group) and what they become in names of the file; of several
   * that match the first one counts.
   */
  key_mapping?: Readonly<Record<string, string>>
  /** Weights whose shape in the file is another one start afresh, with a warning, instead of an error. */
  ignore_mismatched_sizes?: boolean
}

/** What `output_loading_info: true` gives beside the model. */
export interface LoadingInfo {
  /** Parameters that the file lacks, which started afresh. */
  readonly missing_keys: readonly string[]
  /** Names of the file that the model has no use for. */
  readonly unexpected_keys: readonly string[]
  /** Parameters of another shape, which started afresh. */
  readonly mismatched_keys: readonly string[]
  /** Always empty: what cannot be read is an error. */
  readonly error_msgs: readonly string[]
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isText = (value: unknown): boolean => typeof value === 'string'

/** Each option with what it may be. */
const checks: Readonly<Record<keyof CheckpointOptions, readonly [fits: (value: unknown) => boolean, wanted: string]>> =
  {
    allow_pickle: [isFlag, 'true or false'],
    use_safetensors: [isFlag, 'true or false'],
    variant: [isText, "a text such as 'fp16'"],
    key_mapping: [isMapping, 'an object of texts by pattern'],
    ignore_mismatched_sizes: [isFlag, 'true or false'],
  }

export const checkpointOptionNames: readonly string[] = Object.keys(checks)

/** Takes these options out of all. null and undefined are as good as not given. Throws ConfigError OPTION_VALUE. */
export function checkpointOptions(
  options: CheckpointOptions & Readonly<Record<string, unknown>>,
): [own: CheckpointOptions, others: Record<string, unknown>] {
  const { allow_pickle, use_safetensors, variant, key_mapping, ignore_mismatched_sizes, ...others } = options
  const given = { allow_pickle, use_safetensors, variant, key_mapping, ignore_mismatched_sizes }
  const own = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
  for (const [name, value] of own) {
    const [fits, wanted] = checks[name as keyof CheckpointOptions]
    if (fits(value)) continue
    throw new ConfigError('OPTION_VALUE', `from_pretrained: ${name} must be ${wanted}, got ${valueText(value)}`, {
      option: name,
    })
  }
  return [Object.fromEntries(own), others]
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
}
