// vitrine fill: what may stand in the place of [MASK].
import type { Command } from 'commander'
import type { FilledMask, FillMaskOptions } from '../pipelines/fillMask.ts'
import { load } from './load.ts'
import { type SharedOptions, sharedOptions, textsOf, wholeNumber } from './options.ts'
import { guesser, shippedFolder } from './shipped.ts'
import { answer } from './terminal.ts'

interface FillOptions extends SharedOptions {
  topK: number
  targets?: string[]
}

export function addFill(program: Command): void {
  sharedOptions(program.command('fill'), guesser)
    .description('guess masked tokens; one line for each guess: token, probability, text')
    .argument('<texts...>', 'texts with [MASK] in them; - reads one from each line of standard input')
    .option('--top-k <n>', 'so many guesses for each mask', wholeNumber(1), 5)
    .option('--targets <tokens...>', 'choose among these tokens only')
    .addHelpText('after', examples)
    .action(async (texts: string[], { model, topK, targets, ...options }: FillOptions) => {
      const filler = await load('fill-mask', model ?? shippedFolder(guesser), options)
      const settings: FillMaskOptions = { top_k: topK, ...(targets && { targets }) }
      const results = await filler(textsOf(texts), settings)
      const guesses = results.flatMap(result => result.flat() as FilledMask[])
      if (options.json) answer(`${JSON.stringify(results)}\n`)
      else for (const guess of guesses) answer(`${guess.token_str}\t${guess.score.toFixed(4)}\t${guess.sequence}\n`)
    })
}

const examples = `
Examples:
  vitrine fill 酒店的服[MASK]态度很好。
  vitrine fill 早餐太[MASK]了，非常失望。 --targets 差 好 少
  vitrine fill 性价[MASK]很[MASK]。 --top-k 2 --json`
