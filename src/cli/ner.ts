// vitrine ner: the entities in texts.
import { type Command, Option } from 'commander'
import { type AggregationStrategy, aggregationStrategies } from '../pipelines/entities.ts'
import { load } from './load.ts'
import { type SharedOptions, sharedOptions, textsOf } from './options.ts'
import { answer } from './terminal.ts'

interface NerOptions extends SharedOptions {
  model: string
  strategy: Exclude<AggregationStrategy, 'none'>
}

export function addNer(program: Command): void {
  const choices = aggregationStrategies.filter(strategy => strategy !== 'none')
  sharedOptions(program.command('ner'))
    .description('label the entities in texts; one line for each: label, score, start, end, words')
    .argument('<texts...>', 'the texts; - reads one from each line of standard input')
    .addOption(new Option('--strategy <name>', 'how tokens become words').choices(choices).default('simple'))
    .addHelpText('after', examples)
    .action(async (args: string[], { model, strategy, ...options }: NerOptions) => {
      const classifier = await load('token-classification', model, options)
      const texts = textsOf(args)
      const found = await classifier(texts, { aggregation_strategy: strategy })
      if (options.json)
        return answer(`${JSON.stringify(found.map((entities, i) => ({ text: texts[i]!, entities })))}\n`)
      for (const { entity_group, score, start, end, word } of found.flat()) {
        answer(`${entity_group}\t${score.toFixed(4)}\t${start}\t${end}\t${word}\n`)
      }
    })
}

const examples = `
Examples:
  vitrine ner 我在北京和上海看到他们 -m ./bert-base-chinese-ner
  vitrine ner - -m ./bert-base-NER --strategy first --json < news.txt`
