// vitrine print: the module tree as PyTorch prints it; needs config.json only.
import { type Command, Option } from 'commander'
import { AutoConfig, modelClasses } from '../../models/auto.ts'
import { BertConfig } from '../../models/bert.ts'
import { ConfigError, nearestName } from '../errors.ts'
import type { Module } from '../nn/module.ts'
import { type PrintProfileName, profileNames } from '../nn/print.ts'
import { critic, shippedFolder } from './shipped.ts'
import { answer } from './terminal.ts'

interface PrintCommandOptions {
  profile: PrintProfileName
  class?: string
}

export function addPrint(program: Command): void {
  program
    .command('print')
    .description("print a model's module tree, byte for byte as PyTorch's print(model)")
    .argument(
      '[folder]',
      `folder with a config.json, or name on the hub (default: ${critic}, which ships with vitrine)`,
    )
    .addOption(new Option('--profile <name>', 'whose text').choices(profileNames).default('course'))
    .option('--class <name>', 'a class other than the one config.json names')
    .addHelpText('after', examples)
    .action(async (folder: string | undefined, options: PrintCommandOptions) => {
      const model = await modelOf(folder ?? shippedFolder(critic), options.class)
      answer(`${model.toString({ profile: options.profile })}\n`)
    })
}

const examples = `
Examples:
  vitrine print
  vitrine print ./bert-base-chinese --class BertForSequenceClassification
  vitrine print ./gpt2 --profile hf-5`

/** The model of a folder without its weights. */
export async function modelOf(folder: string, className?: string): Promise<Module> {
  const config = await AutoConfig.from_pretrained(folder)
  const { model_type: type } = config
  const classes =
    config instanceof BertConfig ? classesFor(config, modelClasses.bert) : classesFor(config, modelClasses.gpt2)
  const name = className ?? config.architectures[0] ?? [...classes.keys()][0]!
  const make = classes.get(name)
  if (make) return make()
  const near = nearestName(name, classes.keys())
  throw new ConfigError('UNKNOWN_CLASS', `there is no class '${name}' for the architecture '${type}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${[...classes.keys()].join(', ')}`,
  })
}

function classesFor<C>(config: C, classes: readonly (new (config: C) => Module)[]): Map<string, () => Module> {
  return new Map(classes.map(Class => [Class.name, () => new Class(config)]))
}
