// profile(model, inputs): what each line of print(model) costs, in time, arithmetic and memory, beside that same tree.
import type { PreTrainedModel } from '../../models/pretrained.ts'
import type { BackendFacts } from '../backend.ts'
import { ConfigError, valueText } from '../errors.ts'
import type { Module } from '../nn/module.ts'
import { type TreeLine, treeLines } from '../nn/print.ts'
import { checkOptions } from '../tensor/arguments.ts'
import { Calls } from './calls.ts'
import { type CountedCall, countCosts } from './costs.ts'
import { type ProfileRow, type RowSources, rowOf } from './profileRow.ts'
import { profileText } from './profileText.ts'
import { type Roofline, type RooflineOption, rooflineFor } from './roofline.ts'
import { type InputsOf, Subject, type SubjectOptions } from './subject.ts'

export interface ProfileOptions extends SubjectOptions {
  /** Runs before the first that counts; 2 or more unless given, as many as a tenth of a second has room for. */
  warmup?: number
  /** Runs that are measured: each time is the median of theirs; 5 or more unless given, as many as fit in 0.3 seconds. */
  repeat?: number
  /** The machine's limits; measured unless given, left out with false. */
  roofline?: RooflineOption | false
}

const optionNames = ['past', 'T', 'warmup', 'repeat', 'roofline'] satisfies (keyof ProfileOptions)[]

/**
 * Runs a model some times and tells what each module took: `String(profile)` is print(model) with columns in front, `rows` are the
 * same as numbers. The model runs as it does unwatched: where a product goes on to an activation, both are in the product's line.
 * Without inputs it reads made-up tokens; `past` makes it a step of generate(). Throws ConfigError UNKNOWN_OPTION, OPTION_VALUE,
 * BAD_TYPE, and what the model's forward throws.
 */
export function profile<M extends PreTrainedModel>(
  model: M,
  inputs?: InputsOf<M>,
  options: ProfileOptions = {},
): Profile {
  checkOptions(options, optionNames, 'profile')
  const { warmup, repeat, past, T, roofline } = options
  for (const [name, value, least] of [
    ['warmup', warmup, 0] as const,
    ['repeat', repeat, 1] as const,
    ['past', past, 0] as const,
    ['T', T, 1] as const,
  ]) {
    if (value === undefined || (Number.isInteger(value) && value >= least)) continue
    throw new ConfigError(
      'OPTION_VALUE',
      `profile: ${name} must be a whole number from ${least} on, got ${valueText(value)}`,
    )
  }
  const subject = new Subject(model, inputs, { ...(past !== undefined && { past }), ...(T !== undefined && { T }) })
  try {
    repeated(warmup, { least: 2, most: 1000, milliseconds: 100 }, () => subject.run())
    const runs = repeated(repeat, { least: 5, most: 1000, milliseconds: 300 }, () =>
      Calls.during(model, () => subject.run()),
    )
    const { costs, calls } = countCosts(model, model.backend, () => subject.run())
    const bytes = [...costs.values()].flat().reduce((sum, call) => sum + call.bytes, 0)
    const limits = rooflineFor(model.backend, bytes, roofline)
    return new Profile(model, subject.title, { runs, costs, calls, roofline: limits })
  } finally {
    subject.dispose()
  }
}

/** Runs so many times, or at least and at most as often as that, until the milliseconds are over. */
function repeated<R>(
  times: number | undefined,
  { least, most, milliseconds }: { least: number; most: number; milliseconds: number },
  body: () => R,
): R[] {
  const results: R[] = []
  const end = performance.now() + milliseconds
  const isEnough = () => (times === undefined ? results.length >= least && performance.now() >= end : false)
  while (results.length < (times ?? most) && !isEnough()) results.push(body())
  return results
}

interface Measured {
  readonly runs: readonly Calls[]
  readonly costs: ReadonlyMap<Module, readonly CountedCall[]>
  readonly calls: Calls
  readonly roofline: Roofline | undefined
}

/** What profile() found. */
export class Profile {
  /** The class of the model. */
  readonly model: string
  /** '1 x 128 tokens' */
  readonly subject: string
  readonly backend: string
  readonly facts: BackendFacts
  /** Runs that were measured. */
  readonly repeat: number
  readonly roofline: Roofline | undefined
  /** One for each line of the tree that is a module, in its order; the first is the whole model. */
  readonly rows: readonly ProfileRow[]
  readonly #lines: readonly (TreeLine & { readonly row: ProfileRow | undefined })[]

  /** @internal profile() makes it. */
  constructor(model: PreTrainedModel, subject: string, { runs, costs, calls, roofline }: Measured) {
    this.model = model.constructor.name
    this.subject = subject
    this.backend = model.backend.name
    this.facts = model.backend.facts
    this.repeat = runs.length
    this.roofline = roofline
    const sources: RowSources = {
      paths: new Map([...model.named_modules()].reverse().map(([path, module]) => [module, path])),
      own: module => median(runs.map(run => run.own.get(module) ?? 0)),
      costs,
      calls,
      roofline,
    }
    this.#lines = treeLines(model).map(line => ({
      ...line,
      row: line.modules.length > 0 ? rowOf(line, sources) : undefined,
    }))
    this.rows = this.#lines.flatMap(({ row }) => row ?? [])
  }

  /** The whole forward, in milliseconds: the sum of all own times. */
  get milliseconds(): number {
    return this.rows[0]?.milliseconds ?? 0
  }

  /** The tree with its columns. */
  toString(): string {
    return profileText(this, this.#lines)
  }

  toJSON(): object {
    const { model, subject, backend, facts, repeat, roofline, milliseconds, rows } = this
    return { model, subject, backend, facts, repeat, roofline, milliseconds, rows }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2
}
