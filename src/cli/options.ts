// Options that several commands share, and the values they may have.
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ModelDType, modelDTypes } from '../../models/dtype.ts'
import type { BackendName } from '../backend.ts'
import { backendNames } from '../backends/index.ts'

export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`expected a whole number from ${least} on.`)
  }
}

export interface Range {
  /** The values are greater than this. */
  above?: number
  /** The least and the greatest value. */
  from?: number
  to?: number
}

export function decimal({ above = -Infinity, from = -Infinity, to = Infinity }: Range = {}): (text: string) => number {
  const limits = [
    ...(above > -Infinity ? [`above ${above}`] : []),
    ...(from > -Infinity ? [`from ${from}`] : []),
    ...(to < Infinity ? [`to ${to}`] : []),
  ]
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && value > above && value >= from && value <= to) return value
    throw new InvalidArgumentError(`expected ${['a number', ...limits].join(' ')}.`)
  }
}

export const share: Range = { from: 0, to: 1 }

export interface SharedOptions {
  model?: string
  backend: BackendName
  dtype?: ModelDType | undefined
  json: boolean
}

/** --model, --backend, --dtype and --json; without a model that ships with the package, --model must be given. */
export function sharedOptions(command: Command, shipped?: string): Command {
  const folder = 'folder with config.json and its weights, or name on the hub'
  const model = shipped === undefined ? folder : `${folder} (default: ${shipped}, which ships with vitrine)`
  return command
    .addOption(new Option('-m, --model <name>', model).makeOptionMandatory(shipped === undefined))
    .addOption(new Option('--backend <name>', 'where to compute').choices(backendNames).default('wasm'))
    .addOption(
      new Option(
        '--dtype <name>',
        'what to keep the weights as (default: float32, or as a folder of small weights has them)',
      ).choices(modelDTypes),
    )
    .option('--json', 'print the answer as JSON', false)
}

/** The texts of a command: its arguments, or the lines of standard input for `-`. */
export function textsOf(args: readonly string[]): string[] {
  if (!(args.length === 1 && args[0] === '-')) return [...args]
  return readFileSync(0, 'utf8')
    .split('\n')
    .map(line => line.replace(/\r$/, ''))
    .filter(line => line !== '')
}
