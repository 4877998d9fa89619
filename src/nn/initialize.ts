// Values for parameters that no checkpoint has, by Hugging Face's rules and in its order, so that a seed gives its numbers.
import type { Backend } from '../backend.ts'
import type { TensorSource } from '../dtype.ts'
import type { Generator } from '../random/generator.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Embedding } from './embedding.ts'
import { Conv1D, Linear } from './linear.ts'
import type { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/**
 * Fills all parameters of a model made from its config. Each layer is constructed first, children before parents, with
 * numbers that torch's own rules draw; a model, once constructed, draws by its rules for everything in it that no model
 * inside has filled (transformers/modeling_utils.py, post_init). `isModel` tells models from other modules.
 */
export function initializeModel(
  model: Module,
  backend: Backend,
  generator: Generator,
  isModel: (module: Module) => boolean,
): void {
  const done = new Set<Module>()
  const filled = new Set<Parameter>()
  const construct = (module: Module): void => {
    for (const [, child] of module.named_children()) construct(child)
    skipConstruction(module, generator)
    if (!isModel(module)) return
    for (const part of childrenFirst(module)) {
      if (done.has(part)) continue
      done.add(part)
      initializeLayer(part, backend, generator, parameter => !filled.has(parameter))
      for (const parameter of ownParameters(part)) filled.add(parameter)
    }
  }
  construct(model)
}

/** Uses up the numbers that torch's constructor of a layer draws. */
function skipConstruction(module: Module, generator: Generator): void {
  if (module instanceof Linear) {
    generator.skipUniform(module.weight.size)
    if (module.bias && !module.sharesBias) generator.skipUniform(module.bias.size)
  } else if (module instanceof Embedding || module instanceof Conv1D) generator.skipNormal(module.weight.size)
}

/**
 * Fills the parameters of one module, without those below it, by their rules (_init_weights). Those that are not wanted,
 * tied or loaded ones, use up their numbers and keep their values.
 */
export function initializeLayer(
  module: Module,
  backend: Backend,
  generator: Generator,
  isWanted: (parameter: Parameter) => boolean,
): void {
  for (const parameter of ownParameters(module)) {
    if (isWanted(parameter)) initialize(parameter, backend, generator)
    else skipInitial(parameter, generator)
  }
}

function skipInitial({ initial, size }: Parameter, generator: Generator): void {
  if (initial.kind === 'constant') return
  generator.skipNormal(size)
  if (initial.drawnTwice) generator.skipNormal(size)
}

/** Fills a parameter by its rule: one constant, or normal numbers of its deviation. */
export function initialize(parameter: Parameter, backend: Backend, generator: Generator): void {
  const values = new Float32Array(parameter.size)
  const { initial } = parameter
  if (initial.kind === 'normal') {
    const { std, zeroRow, drawnTwice } = initial
    if (drawnTwice) generator.skipNormal(values.length)
    generator.normal(values, 0, std)
    const width = parameter.shape.at(-1) ?? 0
    if (zeroRow !== undefined) values.fill(0, zeroRow * width, (zeroRow + 1) * width)
  } else {
    values.fill(initial.value)
  }
  const source = arraySource(values, parameter.shape)
  parameter.value = new Tensor(backend.weight(source, parameter.form, parameter.dtype), parameter.shape)
}

/** A module and all below it, those below first. */
export function childrenFirst(module: Module): Module[] {
  return [...Array.from(module.named_children(), ([, child]) => childrenFirst(child)).flat(), module]
}

/** The parameters that are fields of this module. */
export function ownParameters(module: Module): Parameter[] {
  return Object.values(module).filter(field => field instanceof Parameter)
}

/** Numbers in memory as the source of a weight. */
export function arraySource(values: Float32Array, shape: readonly number[]): TensorSource {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return {
    dtype: 'F32',
    shape,
    read: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
  }
}
