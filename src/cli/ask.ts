// vitrine ask: the part of a text that answers a question.
import type { Command } from 'commander'
import { load } from './load.ts'
import { type SharedOptions, sharedOptions, textsOf, wholeNumber } from './options.ts'
import { answer } from './terminal.ts'

interface AskOptions extends SharedOptions {
  model: string
  topK: number
  impossible: boolean
}

export function addAsk(program: Command): void {
  sharedOptions(program.command('ask'))
    .description('find the answer to a question in a text; one line for each answer: answer, score, start, end')
    .argument('<question>')
    .argument('<text>', 'where the answer stands; - reads it from standard input')
    .option('--top-k <n>', 'so many answers', wholeNumber(1), 1)
    .option('--impossible', 'the text may not have the answer: an empty one is possible', false)
    .addHelpText('after', examples)
    .action(async (question: string, text: string, { model, topK, impossible, ...options }: AskOptions) => {
      const answerer = await load('question-answering', model, options)
      const context = textsOf([text]).join('\n')
      const settings = { top_k: topK, handle_impossible_answer: impossible }
      const answers = [await answerer({ question, context }, settings)].flat()
      if (options.json) answer(`${JSON.stringify(answers)}\n`)
      else
        for (const { answer: found, score, start, end } of answers)
          answer(`${found}\t${score.toFixed(4)}\t${start}\t${end}\n`)
    })
}

const examples = `
Examples:
  vitrine ask 他想去哪里？ 他想去北京看小说。 -m ./bert-base-chinese-qa
  vitrine ask "Who wrote it?" - -m ./bert-large-squad --top-k 3 --json < page.txt`
