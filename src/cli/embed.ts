// vitrine embed: texts as vectors.
import { type Command, Option } from 'commander'
import { type Pooling, poolings } from '../pipelines/pooling.ts'
import { load } from './load.ts'
import { type SharedOptions, sharedOptions, textsOf } from './options.ts'
import { guesser, shippedFolder } from './shipped.ts'
import { answer } from './terminal.ts'

interface EmbedOptions extends SharedOptions {
  pooling: Exclude<Pooling, 'none'>
  normalize: boolean
}

export function addEmbed(program: Command): void {
  const choices = poolings.filter(pooling => pooling !== 'none')
  sharedOptions(program.command('embed'), guesser)
    .description('make a vector of each text; one line for each, its numbers with spaces between them')
    .argument('<texts...>', 'the texts; - reads one from each line of standard input')
    .addOption(new Option('--pooling <name>', 'what stands for the text').choices(choices).default('mean'))
    .option('--no-normalize', 'leave vectors as long as they are')
    .addHelpText('after', examples)
    .action(async (args: string[], { model, pooling, normalize, ...options }: EmbedOptions) => {
      const extractor = await load('feature-extraction', model ?? shippedFolder(guesser), options)
      const texts = textsOf(args)
      const vectors = await extractor(texts, { pooling, normalize, truncation: true })
      const records = vectors.map((vector, i) => ({ text: texts[i]!, vector }))
      if (options.json) answer(`${JSON.stringify(records)}\n`)
      else for (const vector of vectors) answer(`${vector.map(x => x.toFixed(6)).join(' ')}\n`)
    })
}

const examples = `
Examples:
  vitrine embed 这家酒店非常好 这个宾馆不错
  vitrine embed - --pooling cls --no-normalize --json < reviews.txt`
