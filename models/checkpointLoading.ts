// Filling a model from the weights of a folder, and saying what differed.
import { basename } from 'node:path'
import type { Backend } from '../src/backend.ts'
import { floatSource } from '../src/checkpoint/floatSource.ts'
import { openWeights } from '../src/checkpoint/openWeights.ts'
import { storedWeights } from '../src/checkpoint/packedWeights.ts'
import type { Embedding } from '../src/nn/embedding.ts'
import { keepAs } from '../src/nn/kept.ts'
import { type Checkpoint, loadWeights } from '../src/nn/load.ts'
import { reportText } from '../src/nn/loadReport.ts'
import type { Module } from '../src/nn/module.ts'
import type { ProgressCallback } from '../src/progress.ts'
import { default_generator } from '../src/random/default.ts'
import type { Generator } from '../src/random/generator.ts'
import { warnOnce } from '../src/warnings.ts'
import type { CheckpointOptions, LoadingInfo } from './checkpointOptions.ts'
import type { PretrainedConfig } from './config.ts'
import { type DTypeOptions, weightDTypeOf } from './dtype.ts'

/** What a model class says about its checkpoints. */
export interface CheckpointRules {
  readonly name: string
  readonly base_model_prefix: string
  readonly freshParts: readonly string[]
  readonly ignoredWeights: readonly RegExp[]
  readonly heads: Readonly<Record<string, string>>
}

/** What loading needs of a model. */
export interface LoadableModel extends Module {
  readonly config: PretrainedConfig
  get_input_embeddings(): Embedding
}

/** Where the values go, and what is said meanwhile. */
export interface CheckpointLoading {
  readonly backend: Backend
  /** Of values that the file does not have. */
  readonly generator: Generator
  readonly types: DTypeOptions
  /** What the model was asked for by. */
  readonly name: string
  /** Told of the reading, file by file as hub files are of their coming. */
  readonly tell: ProgressCallback | undefined
  /** Ends it at any point. */
  readonly signal: AbortSignal | undefined
}

/**
 * Gives the parameters of `model` the values in `folder`; a warning has a table of what differed. Throws FileError,
 * LoadError, ConfigError for a dtype that cannot be, VitrineError OUT_OF_MEMORY, and the reason of the signal.
 */
export async function loadCheckpoint(
  model: LoadableModel,
  folder: string,
  { name, base_model_prefix: prefix, freshParts, ignoredWeights: ignored, heads }: CheckpointRules,
  { key_mapping, ignore_mismatched_sizes, ...files }: CheckpointOptions,
  { backend, generator, types, name: asked, tell, signal }: CheckpointLoading,
): Promise<LoadingInfo> {
  using weights = openWeights(folder, files)
  const { kind, tensors, source } = storedWeights(weights)
  const [first] = tensors.values()
  const kept = weightDTypeOf(types, backend, model.config.json, { dtype: first?.dtype, kind })
  keepAs(model, model.get_input_embeddings().weight, kept, backend)
  const checkpoint: Checkpoint = {
    name: basename(weights.name),
    tensors,
    source: stored => floatSource(source(stored)),
    keptAsStored: kept === kind,
  }
  const rules = {
    prefix,
    freshParts,
    ignored,
    ...(key_mapping && { key_mapping }),
    ...(ignore_mismatched_sizes && { ignore_mismatched_sizes }),
  }
  const file = { name: asked, file: checkpoint.name }
  tell?.({ status: 'initiate', ...file })
  const seed = generator.initial_seed()
  const progress = (loaded: number, total: number): void =>
    tell?.({ status: 'progress', ...file, progress: (100 * loaded) / total, loaded, total })
  const report = await loadWeights(model, checkpoint, rules, backend, generator, { progress, signal })
  tell?.({ status: 'done', ...file })
  signal?.throwIfAborted()
  const origin = generator === default_generator ? `set_seed(${seed})` : `seed ${seed}`
  const names = Array.from(model.named_weights(), ([each]) => each)
  const text = reportText(report, { model: name, from: weights.name, heads, prefix, names, origin })
  if (text !== undefined) warnOnce('LOAD_REPORT', text)
  return {
    missing_keys: report.missing,
    unexpected_keys: report.unexpected,
    mismatched_keys: report.mismatched.map(each => each.name),
    error_msgs: [],
  }
}
