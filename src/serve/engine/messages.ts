// What the thread that serves HTTP and the thread that computes tell each other. Everything here can be cloned.
import type { BackendName } from '../../backend.ts'
import type { ErrorFields } from '../../errors.ts'
import type { Task } from '../../pipelines/pipeline.ts'
import type { CompletionRequest } from '../openai/completionRequest.ts'
import type { EmbeddingRequest } from '../openai/embeddingRequest.ts'

/** A model to serve. */
export interface ModelPlace {
  /** What requests call it. */
  readonly name: string
  /** A model folder, or whatever else from_pretrained takes. */
  readonly folder: string
  /** What it is to do; what its config says unless given. */
  readonly task?: Task | undefined
}

/** POST /models/NAME. */
export interface InferenceRequest {
  readonly kind: 'inference'
  readonly model: string
  /** The one that the path names, if it does. */
  readonly task?: string | undefined
  readonly inputs: unknown
  readonly parameters: Readonly<Record<string, unknown>>
  readonly stream: boolean
}

export type JobRequest = InferenceRequest | CompletionRequest | EmbeddingRequest

export type ToEngine =
  | { readonly type: 'load'; readonly place: ModelPlace; readonly backend: BackendName }
  | { readonly type: 'job'; readonly id: number; readonly request: JobRequest; readonly stop: Int32Array }
  | { readonly type: 'abort'; readonly id: number }

/** The memory of the back end. */
export interface EngineMemory {
  /** Tensors that are not freed. */
  readonly tensors: number
  readonly bytes: number
}

/** An error as it goes from thread to thread. */
export interface Fault {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly fields: ErrorFields
}

export interface LoadedFacts {
  readonly name: string
  /** What it can do, its usual task first. */
  readonly tasks: readonly Task[]
  readonly seconds: number
}

export type FromEngine =
  | { readonly type: 'loaded'; readonly facts: LoadedFacts; readonly memory: EngineMemory }
  | { readonly type: 'unloadable'; readonly name: string; readonly fault: Fault }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'done'; readonly id: number; readonly done: Done; readonly memory: EngineMemory }
  | { readonly type: 'fault'; readonly id: number; readonly fault: Fault; readonly memory: EngineMemory }

/** The end of a job. */
export interface Done {
  readonly result: unknown
  /** Tokens that were generated. */
  readonly tokens: number
}
