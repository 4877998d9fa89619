// Filling a model from the weights of a folder, and saying what differed.
import { basename } from 'node:path'
import type { Backend } from '../src/backend.ts'
import { floatSource } from '../src/checkpoint/floatSource.ts'
import { openWeights } from '../src/checkpoint/openWeights.ts'
import { type Checkpoint, loadWeights } from '../src/nn/load.ts'
import { reportText } from '../src/nn/loadReport.ts'
import type { Module } from '../src/nn/module.ts'
import { default_generator } from '../src/random/default.ts'
import type { Generator } from '../src/random/generator.ts'
import { warnOnce } from '../src/warnings.ts'
import type { CheckpointOptions, LoadingInfo } from './checkpointOptions.ts'

/** What a model class says about its checkpoints. */
export interface CheckpointRules {
  readonly name: string
  readonly base_model_prefix: string
  readonly freshParts: readonly string[]
  readonly ignoredWeights: readonly RegExp[]
  readonly heads: Readonly<Record<string, string>>
}

/**
 * Gives the parameters of `model` the values in `folder`; a warning has a table of what differed. Throws FileError and
 * LoadError.
 */
export function loadCheckpoint(
  model: Module,
  folder: string,
  { name, base_model_prefix: prefix, freshParts, ignoredWeights: ignored, heads }: CheckpointRules,
  { key_mapping, ignore_mismatched_sizes, ...files }: CheckpointOptions,
  backend: Backend,
  generator: Generator,
): LoadingInfo {
  using weights = openWeights(folder, files)
  const checkpoint: Checkpoint = {
    name: basename(weights.name),
    tensors: weights.tensors,
    source: stored => floatSource(weights.source(stored)),
  }
  const rules = {
    prefix,
    freshParts,
    ignored,
    ...(key_mapping && { key_mapping }),
    ...(ignore_mismatched_sizes && { ignore_mismatched_sizes }),
  }
  const report = loadWeights(model, checkpoint, rules, backend, generator)
  const seed = generator.initial_seed()
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
