// Filling a module's parameters from a checkpoint: two sets of names are compared once, all faults are told together.
import type { Backend } from '../backend.ts'
import type { TensorSource } from '../dtype.ts'
import { LoadError } from '../errors.ts'
import type { Generator } from '../random/generator.ts'
import { sameShape, shapeText } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { childrenFirst, initializeLayer, ownParameters } from './initialize.ts'
import type { Module } from './module.ts'
import type { Parameter } from './parameter.ts'

/** Where weights come from: names, shapes and bytes. */
export interface Checkpoint {
  /** What messages call it, such as the file's name. */
  readonly name: string
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>
  source(name: string): TensorSource
}

/** What a model class says about its checkpoints. */
export interface LoadRules {
  /** The field that holds the body of a model with a head; files have it in front of names or not. */
  readonly prefix: string
  /** Parts of a path that may be absent from a file, because other heads do without: they start afresh. */
  readonly freshParts: readonly string[]
  /** Names in files that are no parameters. */
  readonly ignored: readonly RegExp[]
}

export interface LoadReport {
  /** Parameters that were not in the file and got fresh values. */
  readonly fresh: readonly string[]
  /** Names in the file that the model has no use for. */
  readonly unexpected: readonly string[]
}

interface Match {
  readonly name: string
  readonly parameter: Parameter
  /** The name in the file; undefined when it is not there. */
  readonly stored: string | undefined
}

/**
 * Gives every parameter of `model` its value from `checkpoint`, and fresh ones from `generator` to parts that may lack one.
 * Throws LoadError CHECKPOINT_MISMATCH with every missing name and wrong shape; then no parameter has changed.
 */
export function loadWeights(
  model: Module,
  checkpoint: Checkpoint,
  rules: LoadRules,
  backend: Backend,
  generator: Generator,
): LoadReport {
  const stored = storedNames(model, checkpoint, rules)
  const matches = matchNames(model, stored)
  const used = new Set(matches.flatMap(({ names }) => names))
  const unexpected = [...stored.keys()].filter(name => !used.has(name))
  const mayBeFresh = (name: string) => name.split('.').some(part => rules.freshParts.includes(part))
  const faults = matches.flatMap(match => faultsOf(match, checkpoint, mayBeFresh))
  if (faults.length > 0) throw mismatch(model, checkpoint, faults, unexpected)
  const missing = matches.filter(({ stored: name }) => name === undefined)
  fill(model, matches, checkpoint, backend, generator)
  return { fresh: missing.map(({ name }) => name), unexpected }
}

/** The names in the file as the model would call them, each with the name it really has. */
function storedNames(model: Module, checkpoint: Checkpoint, { prefix, ignored }: LoadRules): Map<string, string> {
  const wanted = new Set(Array.from(model.named_weights(), ([name]) => name))
  const names = [...checkpoint.tensors.keys()].filter(name => !ignored.some(pattern => pattern.test(name)))
  const body = `${prefix}.`
  const modelHasBody = [...wanted].some(name => name.startsWith(body))
  const fileHasBody = names.some(name => name.startsWith(body))
  return new Map(
    names.map(name => {
      const modern = name.replace(/(LayerNorm)\.gamma$/, '$1.weight').replace(/(LayerNorm)\.beta$/, '$1.bias')
      if (modelHasBody && !fileHasBody && wanted.has(body + modern)) return [body + modern, name]
      if (!modelHasBody && fileHasBody && modern.startsWith(body)) return [modern.slice(body.length), name]
      return [modern, name]
    }),
  )
}

/** Each parameter with the first of its names that the file has; tied parameters have several. */
function matchNames(
  model: Module,
  stored: ReadonlyMap<string, string>,
): (Match & { readonly names: readonly string[] })[] {
  const namesOf = new Map<Parameter, string[]>()
  for (const [name, parameter] of model.named_weights()) {
    namesOf.set(parameter, [...(namesOf.get(parameter) ?? []), name])
  }
  return Array.from(namesOf, ([parameter, names]) => {
    const found = names.find(name => stored.has(name))
    return { name: names[0]!, names, parameter, stored: found === undefined ? undefined : stored.get(found) }
  })
}

function faultsOf(
  { name, parameter, stored }: Match,
  checkpoint: Checkpoint,
  mayBeFresh: (name: string) => boolean,
): string[] {
  const wanted = shapeText(parameter.shape)
  if (stored === undefined) return mayBeFresh(name) ? [] : [`missing     ${name} ${wanted}`]
  const { shape } = checkpoint.tensors.get(stored)!
  return sameShape(shape, parameter.shape) ? [] : [`wrong shape ${name}: model ${wanted}, file ${shapeText(shape)}`]
}

/** At most so many lines of a message; the fields of the error have them all. */
const mostLines = 60

function mismatch(model: Module, checkpoint: Checkpoint, faults: string[], unexpected: readonly string[]): LoadError {
  const lines = [...faults, ...unexpected.map(name => `unexpected  ${name} ${shapeOf(checkpoint, name)}`)]
  const shown = lines.slice(0, mostLines).map(line => `  ${line}`)
  if (lines.length > mostLines) shown.push(`  ... and ${lines.length - mostLines} more`)
  const places = lines.length === 1 ? '1 place' : `${lines.length} places`
  const message = `${model.constructor.name} and ${checkpoint.name} differ in ${places}:\n${shown.join('\n')}`
  return new LoadError('CHECKPOINT_MISMATCH', message, { lines })
}

function shapeOf(checkpoint: Checkpoint, name: string): string {
  const info = checkpoint.tensors.get(name)
  return info ? shapeText(info.shape) : ''
}

/** Reads all values, after fresh ones are drawn; when one cannot be read, those already there are freed. */
function fill(
  model: Module,
  matches: readonly Match[],
  checkpoint: Checkpoint,
  backend: Backend,
  generator: Generator,
): void {
  const fresh = new Set(matches.filter(({ stored }) => stored === undefined).map(({ parameter }) => parameter))
  const filled: Parameter[] = []
  try {
    const owners = ownersOf(model)
    for (const module of childrenFirst(model)) {
      const missing = ownParameters(module).filter(
        parameter => fresh.has(parameter) && owners.get(parameter) === module,
      )
      if (missing.length === 0) continue
      initializeLayer(module, backend, generator, parameter => missing.includes(parameter))
      filled.push(...missing)
    }
    for (const { parameter, stored } of matches) {
      if (stored === undefined) continue
      parameter.value = new Tensor(backend.weight(checkpoint.source(stored), parameter.form), parameter.shape)
      filled.push(parameter)
    }
  } catch (error) {
    for (const parameter of filled) parameter.value.dispose()
    throw error
  }
}

/** The module that has a parameter under its first name, for each parameter. */
function ownersOf(model: Module): Map<Parameter, Module> {
  const owners = new Map<Parameter, Module>()
  for (const [, module] of model.named_modules()) {
    for (const parameter of ownParameters(module)) if (!owners.has(parameter)) owners.set(parameter, module)
  }
  return owners
}
