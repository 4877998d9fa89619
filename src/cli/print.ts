// vitrine print: the module tree as PyTorch prints it; needs config.json only.
import { type Command, Option } from 'commander'
import { type PrintProfileName, profileNames } from '../nn/print.ts'
import { modelChoice } from './modelChoice.ts'
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
      const model = (await modelChoice(folder ?? shippedFolder(critic), options.class)).make()
      answer(`${model.toString({ profile: options.profile })}\n`)
    })
}

const examples = `
Examples:
  vitrine print
  vitrine print ./bert-base-chinese --class BertForSequenceClassification
  vitrine print ./gpt2 --profile hf-5`
