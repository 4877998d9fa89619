// vitrine classify: the label of each text and how sure the model is.
import { performance } from 'node:perf_hooks'
import type { Command } from 'commander'
import { AutoModelForSequenceClassification } from '../../models/auto.ts'
import { pipeline, type TextClassifier } from '../pipelines/pipeline.ts'
import { AutoTokenizer } from '../tokenizers/auto.ts'
import { type SharedOptions, sharedOptions, textsOf, wholeNumber } from './options.ts'
import { critic, shippedFolder } from './shipped.ts'
import { answer, aside } from './terminal.ts'

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
      const classifier = await loadClassifier(options.model ?? shippedFolder(critic), options)
      await classify(classifier, textsOf(texts), options)
    })
}

const examples = `
Examples:
  vitrine classify 这家酒店非常好，下次还来。
  vitrine classify 房间又小又脏 服务态度很好 --json
  cat reviews.txt | vitrine classify -
  vitrine classify 我很喜欢 --model ./bert-base-chinese --seed 1`

export async function loadClassifier(
  folder: string,
  { backend, seed }: Pick<ClassifyOptions, 'backend' | 'seed'>,
): Promise<TextClassifier> {
  const start = performance.now()
  const model = await AutoModelForSequenceClassification.from_pretrained(folder, {
    backend,
    ...(seed !== undefined && { seed }),
  })
  const classifier = await pipeline('text-classification', model, await AutoTokenizer.from_pretrained(folder))
  aside(`loaded ${folder} in ${Math.round(performance.now() - start)} ms`)
  return classifier
}

export async function classify(
  classifier: TextClassifier,
  texts: readonly string[],
  { topK = 1, json }: Pick<ClassifyOptions, 'topK' | 'json'>,
): Promise<void> {
  const results = await classifier(texts, { top_k: topK, truncation: true })
  const records = results.flatMap((labels, i) => labels.map(({ label, score }) => ({ text: texts[i]!, label, score })))
  if (json) answer(`${JSON.stringify(records)}\n`)
  else for (const { text, label, score } of records) answer(`${label}\t${score.toFixed(4)}\t${text}\n`)
}
