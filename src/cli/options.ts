// Options that several commands share, and the values they may have.
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BackendName } from '../backend.ts'
import { backendNames } from '../backends/index.ts'

export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`expected a whole number from ${least} on.`)
  }
}

export function decimal(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('expected a number.')
}

export interface SharedOptions {
  model?: string
  backend: BackendName
  json: boolean
}

/** --model, --backend and --json; without a model that ships with the package, --model must be given. */
export function sharedOptions(command: Command, shipped?: string): Command {
  const folder = 'folder with config.json and model.safetensors'
  const model = shipped === undefined ? folder : `${folder} (default: ${shipped}, which ships with vitrine)`
  return command
    .addOption(new Option('-m, --model <folder>', model).makeOptionMandatory(shipped === undefined))
    .addOption(new Option('--backend <name>', 'where to compute').choices(backendNames).default('wasm'))
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
