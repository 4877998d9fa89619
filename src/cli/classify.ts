// vitrine classify: the label of each text and how sure the model is.
import type { Command } from 'commander'
import type { TextClassificationPipeline } from '../pipelines/textClassification.ts'
import { load } from './load.ts'
import { type SharedOptions, sharedOptions, textsOf, wholeNumber } from './options.ts'
import { critic, shippedFolder } from './shipped.ts'
import { answer } from './terminal.ts'

interface ClassifyOptions extends SharedOptions {
  topK?: number
  seed?: number
}

export function addClassify(program: Command): void {
  sharedOptions(program.command('classify'), critic)
    .description('classify texts; one line for each: label, score, text')
    .argument('<texts...>', 'the texts; - reads one from each line of standard input')
    .option('--top-k <n>', 'so many labels for each text', wholeNumber(1))
    .option('-s, --seed <n>', 'seed of a head that the folder does not have', wholeNumber(0))
    .addHelpText('after', examples)
    .action(async (texts: string[], options: ClassifyOptions) => {
      const classifier = await load('text-classification', options.model ?? shippedFolder(critic), options)
      await classify(classifier, textsOf(texts), options)
    })
}

const examples = `
Examples:
  vitrine classify 这家酒店非常好，下次还来。
  vitrine classify 房间又小又脏 服务态度很好 --json
  cat reviews.txt | vitrine classify -
  vitrine classify 我很喜欢 --model ./bert-base-chinese --seed 1`

export async function classify(
  classifier: TextClassificationPipeline,
  texts: readonly string[],
  { topK = 1, json }: Pick<ClassifyOptions, 'topK' | 'json'>,
): Promise<void> {
  const results = await classifier(texts, { top_k: topK, truncation: true })
  const records = results.flatMap((labels, i) => labels.map(({ label, score }) => ({ text: texts[i]!, label, score })))
  if (json) answer(`${JSON.stringify(records)}\n`)
  else for (const { text, label, score } of records) answer(`${label}\t${score.toFixed(4)}\t${text}\n`)
}
