// Filling a module's parameters from a checkpoint: two sets of names are compared once, all faults are told together.
import type { Backend } from '../backend.ts'
import type { TensorSource } from '../dtype.ts'
import { LoadError } from '../errors.ts'
import type { Generator } from '../random/generator.ts'
import { sameShape, shapeText } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Turns } from '../turns.ts'
import { counted } from './counted.ts'
import { childrenFirst, initializeLayer, ownParameters } from './initialize.ts'
import type { Module } from './module.ts'
import type { Parameter } from './parameter.ts'
import { type NameRules, storedNames } from './storedNames.ts'

/** Where weights come from: names, shapes and bytes. */
export interface Checkpoint {
  /** What messages call it, such as the file's name. */
  readonly name: string
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>
  source(name: string): TensorSource
  /** Whether weights are kept as what they are stored as, int8, q4 or in full, whatever their `dtype` says before. */
  readonly keptAsStored?: boolean
}

/** What a model class, and a call, say about checkpoints. */
export interface LoadRules extends NameRules {
  /** Parts of a path that may be absent from a file, because other heads do without: they start afresh. */
  readonly freshParts: readonly string[]
  /** Parameters whose shape in the file is another one start afresh too, instead of an error. */
  readonly ignore_mismatched_sizes?: boolean
}

/** A parameter whose shape in the file is not the model's. */
export interface Mismatch {
  readonly name: string
  readonly file: readonly number[]
  readonly model: readonly number[]
}

/** In what a model and a file differ. */
export interface LoadReport {
  /** Names of parameters that were not in the file, each name of a tied one, sorted: they started afresh. */
  readonly missing: readonly string[]
  /** Names in the file that the model has no use for, sorted. */
  readonly unexpected: readonly string[]
  readonly mismatched: readonly Mismatch[]
}

/** Who looks on while values are read. */
export interface LoadWatch {
  /** Told how many bytes of the values were read. */
  readonly progress?: ((loaded: number, total: number) => void) | undefined
  /** Ends it between two pieces; what was read is freed. */
  readonly signal?: AbortSignal | undefined
}

interface Match {
  readonly name: string
  /** All names of a tied parameter. */
  readonly names: readonly string[]
  readonly parameter: Parameter
  /** The name in the file; undefined when it is not there. */
  readonly stored: string | undefined
}

/**
 * Gives every parameter of `model` its value from `checkpoint`, and fresh ones, all at once before, from `generator` to parts
 * that may lack one. Other work gets its turn while values are read. Throws LoadError CHECKPOINT_MISMATCH with every missing
 * name and wrong shape, when no parameter has changed yet, and the reason of the signal.
 */
export async function loadWeights(
  model: Module,
  checkpoint: Checkpoint,
  rules: LoadRules,
  backend: Backend,
  generator: Generator,
  watch: LoadWatch = {},
): Promise<LoadReport> {
  const wanted = new Set(Array.from(model.named_weights(), ([name]) => name))
  const { stored, outside } = storedNames(wanted, checkpoint.tensors.keys(), rules, checkpoint.name)
  const matches = matchNames(model, stored)
  const mismatched = matches.flatMap(match => mismatchOf(match, checkpoint))
  const missing = matches.filter(match => match.stored === undefined)
  const report = {
    missing: missing.flatMap(({ names }) => names).sort(),
    unexpected: [...[...stored].filter(([name]) => !wanted.has(name)).map(([, name]) => name), ...outside].sort(),
    mismatched,
  }
  const mayBeFresh = (name: string) => name.split('.').some(part => rules.freshParts.includes(part))
  const faults = [
    ...missing
      .filter(({ name }) => !mayBeFresh(name))
      .map(({ name, parameter }) => `missing     ${name} ${shapeText(parameter.shape)}`),
    ...(rules.ignore_mismatched_sizes ? [] : mismatched.map(wrongShape)),
  ]
  if (faults.length > 0) throw mismatch(model, checkpoint, faults, report)
  const wrong = new Set(mismatched.map(({ name }) => name))
  const filled = matches.map(match => (wrong.has(match.name) ? { ...match, stored: undefined } : match))
  await fill(model, filled, checkpoint, backend, generator, watch)
  return report
}

/** Each parameter with the first of its names that the file has; tied parameters have several. */
function matchNames(model: Module, stored: ReadonlyMap<string, string>): Match[] {
  const namesOf = new Map<Parameter, string[]>()
  for (const [name, parameter] of model.named_weights()) {
    namesOf.set(parameter, [...(namesOf.get(parameter) ?? []), name])
  }
  return Array.from(namesOf, ([parameter, names]) => {
    const found = names.find(name => stored.has(name))
    return { name: names[0]!, names, parameter, stored: found === undefined ? undefined : stored.get(found) }
  })
}

function mismatchOf({ name, parameter, stored }: Match, { tensors }: Checkpoint): Mismatch[] {
  if (stored === undefined) return []
  const { shape } = tensors.get(stored)!
  return sameShape(shape, parameter.shape) ? [] : [{ name, file: shape, model: parameter.shape }]
}

function wrongShape({ name, file, model }: Mismatch): string {
  return `wrong shape ${name}: model ${shapeText(model)}, file ${shapeText(file)}`
}

/** At most so many lines of a message; the fields of the error have them all. */
const mostLines = 60

function mismatch(model: Module, checkpoint: Checkpoint, faults: readonly string[], report: LoadReport): LoadError {
  const shapeOf = (name: string): string => shapeText(checkpoint.tensors.get(name)!.shape)
  const lines = [...faults, ...report.unexpected.map(name => `unexpected  ${name} ${shapeOf(name)}`)]
  const shown = lines.slice(0, mostLines).map(line => `  ${line}`)
  if (lines.length > mostLines) shown.push(`  ... and ${lines.length - mostLines} more`)
  const places = lines.length === 1 ? '1 place' : `${lines.length} places`
  const message = `${model.constructor.name} and ${checkpoint.name} differ in ${places}:\n${shown.join('\n')}`
  return new LoadError('CHECKPOINT_MISMATCH', message, { lines, ...report })
}

/** Reads all values, after fresh ones are drawn; when one cannot be read, those already there are freed. */
async function fill(
  model: Module,
  matches: readonly Match[],
  checkpoint: Checkpoint,
  backend: Backend,
  generator: Generator,
  { progress = () => {}, signal }: LoadWatch,
): Promise<void> {
  const fresh = new Set(matches.filter(({ stored }) => stored === undefined).map(({ parameter }) => parameter))
  const filled: Parameter[] = []
  const turns = new Turns(signal)
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
    const read = matches.filter(({ stored }) => stored !== undefined).map(({ parameter }) => parameter)
    const sources = matches.flatMap(({ stored }) => (stored === undefined ? [] : [checkpoint.source(stored)]))
    for (const [i, source] of counted(sources, progress).entries()) {
      const parameter = read[i]!
      if (checkpoint.keptAsStored) parameter.dtype = source.packed?.kind ?? 'float32'
      const storage = await turns.through(backend.weightSteps(source, parameter.form, parameter.dtype))
      parameter.value = new Tensor(storage, parameter.shape)
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
