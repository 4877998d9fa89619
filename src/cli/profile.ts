// vitrine profile: what each line of a model's tree costs on this machine.
import { type Command, Option } from 'commander'
import type { BackendName } from '../backend.ts'
import { backendNames } from '../backends/index.ts'
import { type ProfileOptions, profile } from '../inspect/profile.ts'
import { AutoTokenizer } from '../tokenizers/auto.ts'
import { modelChoice } from './modelChoice.ts'
import { wholeNumber } from './options.ts'
import { critic, shippedFolder } from './shipped.ts'
import { answer } from './terminal.ts'

interface ProfileCommandOptions {
  text?: string
  tokens?: number
  past?: number
  class?: string
  backend: BackendName
  warmup?: number
  repeat?: number
  json: boolean
}

export function addProfile(program: Command): void {
  program
    .command('profile')
    .description('tell what each module of a model costs: time, arithmetic, memory, share of what the machine can do')
    .argument(
      '[folder]',
      `folder with config.json and model.safetensors (default: ${critic}, which ships with vitrine)`,
    )
    .option('--text <text>', 'what the model reads (made-up tokens unless given)')
    .addOption(new Option('--tokens <n>', 'so many made-up tokens').argParser(wholeNumber(1)).conflicts('text'))
    .option('--past <n>', 'tokens that are in the cache already: a step of generating', wholeNumber(1))
    .option('--class <name>', 'a class other than the one config.json names')
    .addOption(new Option('--backend <name>', 'where to compute').choices(backendNames).default('wasm'))
    .option('--warmup <n>', 'runs before the first that counts', wholeNumber(0))
    .option('--repeat <n>', 'runs that are measured', wholeNumber(1))
    .option('--json', 'print the answer as JSON', false)
    .addHelpText('after', examples)
    .action(async (folder: string | undefined, options: ProfileCommandOptions) => {
      const { text, tokens: T, past, backend, warmup, repeat, json } = options
      const path = folder ?? shippedFolder(critic)
      const model = await (await modelChoice(path, options.class)).load({ backend })
      const tokenizer = text === undefined ? undefined : await AutoTokenizer.from_pretrained(path)
      const inputs = tokenizer && { input_ids: tokenizer(text ?? '').input_ids }
      const given = Object.entries({ T, past, warmup, repeat }).filter(([, value]) => value !== undefined)
      const found = profile(model, inputs, Object.fromEntries(given) as ProfileOptions)
      answer(`${json ? JSON.stringify(found) : found}\n`)
    })
}

const examples = `
Examples:
  vitrine profile --text 这家酒店非常好
  vitrine profile ./gpt2 --tokens 128
  vitrine profile ./gpt2 --past 64 --json`
