// What an engine must offer to be measured, and how it is started.
import type { ModelName } from '../subjects/sizes.ts'

/** The kinds of weights that are compared; every engine has its own names for them. */
export const dtypeNames = ['float32', 'float16', 'bfloat16', 'int8', 'q4'] as const
export type EngineDType = (typeof dtypeNames)[number]

/** The option of our own from_pretrained. */
export function dtypeOption(dtype: EngineDType): { dtype: EngineDType } {
  return { dtype }
}

export interface EngineOptions {
  /** Hugging Face's layout; other formats lie beside its files. */
  readonly folder: string
  readonly model: ModelName
  readonly dtype: EngineDType
  readonly threads: number
  /** Places that will be needed at most. */
  readonly places: number
}

/** A loaded model. `lastLogits` and `generate` are for GPT-2, `hidden` is for BERT. */
export interface Engine {
  /** Version and what was chosen: 'tfjs-node 4.22.0, raw MatMul, _MklLayerNorm'. */
  readonly about: string
  /** Scores (V) after the last of the ids; the keys and values of the prompt are computed too. */
  lastLogits?(ids: readonly number[]): Float32Array | Promise<Float32Array>
  /** The same work without handing the numbers out, for an engine in which that costs extra; it is what is timed then. */
  prefill?(ids: readonly number[]): Promise<void>
  /** What `lastLogits` and `hidden` give where it is not the plain numbers: see `compare`. */
  readonly gives?: Readonly<{ lastLogits?: Gives; hidden?: Gives }>
  /** Greedy: `count` tokens after the ids; `each` is called with every token as soon as it is known. */
  generate?(ids: readonly number[], count: number, each: (token: number) => void): Promise<void>
  /** Last hidden state (B, T, C) of rows of equal length. */
  hidden?(rows: readonly (readonly number[])[]): Float32Array | Promise<Float32Array>
  close?(): void | Promise<void>
}

/** 'logProbabilities' instead of logits; only the 'firstToken' of each row instead of the whole hidden state. */
export type Gives = 'logProbabilities' | 'firstToken'

export interface Peer {
  readonly name: string
  readonly models: readonly ModelName[]
  readonly dtypes: readonly EngineDType[]
  /** Why it cannot run here, with the next step; undefined when it can. */
  missing(): string | undefined
  /** Makes the files it reads, where they are not there yet. Throws with the reason. */
  prepare?(options: EngineOptions): void
  /** Loads a model, inside a process of its own. */
  readonly open?: (options: EngineOptions) => Promise<Engine>
  /** The command of an engine that is no JavaScript; it speaks the protocol of harness/protocol.ts. */
  command?(): readonly string[]
  /** Set before the process starts: native libraries read their number of threads there. */
  environment?(options: { readonly threads: number; readonly dtype: EngineDType }): Readonly<Record<string, string>>
}
