// vitrine generate: continues a prompt, text as it comes.
import { performance } from 'node:perf_hooks'
import { type Command, Option } from 'commander'
import type { TokenTexts } from '../generation/stopping/stopString.ts'
import type { TextGenerationOptions, TextGenerationPipeline } from '../pipelines/textGeneration.ts'
import { load } from './load.ts'
import { decimal, type SharedOptions, share, sharedOptions, textsOf, wholeNumber } from './options.ts'
import { poet, shippedFolder } from './shipped.ts'
import { answer, aside } from './terminal.ts'

interface GenerateOptions extends SharedOptions {
  maxNewTokens: number
  minNewTokens?: number
  temperature: number
  topK: number
  topP: number
  minP?: number
  typicalP?: number
  repetitionPenalty: number
  noRepeatNgramSize: number
  numBeams: number
  lengthPenalty: number
  penaltyAlpha?: number
  stop?: string[]
  greedy: boolean
  seed?: number
  numReturnSequences: number
  specialTokens: boolean
  spaces: boolean
}

export function addGenerate(program: Command, signal: AbortSignal): void {
  sharedOptions(program.command('generate'), poet)
    .description('continue a prompt; the text streams to stdout as it comes')
    .argument('<prompt>', 'how the text begins; - reads one from each line of standard input')
    .option('-n, --max-new-tokens <n>', 'the most tokens to add', wholeNumber(1), 64)
    .option(
      '-t, --temperature <number>',
      'below 1 bolder on likely tokens, above 1 more varied',
      decimal({ above: 0 }),
      0.9,
    )
    .option('--top-k <n>', 'draw from the n most likely tokens; 0 is all', wholeNumber(0), 20)
    .option('--top-p <share>', 'draw from the most likely tokens that make up this share', decimal(share), 1)
    .option('--min-p <share>', 'draw from tokens at least so many times as likely as the likeliest', decimal(share))
    .option(
      '--typical-p <share>',
      'draw from tokens of usual surprise that make up this share',
      decimal({ above: 0, to: 1 }),
    )
    .option('--min-new-tokens <n>', 'the least tokens to add', wholeNumber(1))
    .option('--repetition-penalty <number>', 'above 1 makes repetition less likely', decimal({ above: 0 }), 1)
    .addOption(ngramOption())
    .option('--num-beams <n>', 'follow so many texts and take the likeliest as a whole', wholeNumber(1), 1)
    .option('--length-penalty <number>', 'with beams: above 0 favours long texts, below 0 short ones', decimal(), 1)
    .option(
      '--penalty-alpha <share>',
      'contrastive search among the --top-k likeliest tokens',
      decimal({ above: 0, to: 1 }),
    )
    .option('--stop <text...>', 'end the answer at such a text')
    .option('--greedy', 'always take the most likely token', false)
    .option('-s, --seed <n>', 'the same seed gives the same text', wholeNumber(0))
    .option('--num-return-sequences <n>', 'so many different answers, one a line', wholeNumber(1), 1)
    .option('--no-special-tokens', 'do not put the token that begins texts in front of the prompt')
    .option('--spaces', 'leave the spaces between Chinese characters in, as Hugging Face does', false)
    .addHelpText('after', examples)
    .action(async (prompt: string, options: GenerateOptions) => {
      await generate(textsOf([prompt]), options, signal)
    })
}

const examples = `
Examples:
  vitrine generate 床前明月光，
  vitrine generate 秋夜： --greedy
  vitrine generate 白日依山尽， --num-beams 4 --stop 。
  vitrine generate 春眠不觉晓， --seed 7 --num-return-sequences 3
  vitrine generate 白日依山尽， --json
  vitrine generate 今天天气 --model ./gpt2-chinese-cluecorpussmall`

async function generate(prompts: readonly string[], options: GenerateOptions, signal: AbortSignal): Promise<void> {
  const { model = shippedFolder(poet), backend, dtype } = options
  const generator = await load('text-generation', model, { backend, dtype })
  const settings = settingsOf(generator, options, signal)
  const isWhole = options.numReturnSequences > 1 || options.numBeams > 1 || options.json
  if (isWhole) await generateWhole(generator, prompts, options, settings)
  else for (const prompt of prompts) await generateStream(generator, prompt, settings)
}

/** [CLS] in front, where the model knows it as the beginning of texts, and no [SEP] behind, which would end them. */
function settingsOf(
  { model, tokenizer }: TextGenerationPipeline,
  options: GenerateOptions,
  signal: AbortSignal,
): TextGenerationOptions {
  const begin = model.generation_config.bos_token_id
  const prefix = options.specialTokens && typeof begin === 'number' ? tokenizer.decode([begin]) : ''
  return {
    add_special_tokens: false,
    prefix,
    compact: !options.spaces,
    max_new_tokens: options.maxNewTokens,
    repetition_penalty: options.repetitionPenalty,
    no_repeat_ngram_size: options.noRepeatNgramSize,
    num_return_sequences: options.numReturnSequences,
    signal,
    ...(options.minNewTokens !== undefined && { min_new_tokens: options.minNewTokens }),
    ...(options.stop && { stop_strings: options.stop, tokenizer: tokenizer as typeof tokenizer & TokenTexts }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...searchOf(options),
  }
}

/** Drawing, unless another search is asked for. */
function searchOf(options: GenerateOptions): TextGenerationOptions {
  const { greedy, numBeams, lengthPenalty, penaltyAlpha, temperature, topK, topP, minP, typicalP } = options
  if (penaltyAlpha !== undefined) return { do_sample: false, temperature: 1, penalty_alpha: penaltyAlpha, top_k: topK }
  if (numBeams > 1) return { do_sample: false, temperature: 1, num_beams: numBeams, length_penalty: lengthPenalty }
  if (greedy) return { do_sample: false, temperature: 1 }
  return {
    ...{ do_sample: true, temperature, top_k: topK, top_p: topP },
    ...(minP !== undefined && { min_p: minP }),
    ...(typicalP !== undefined && { typical_p: typicalP }),
  }
}

/** An option whose name begins with "no" and is no negation. */
function ngramOption(): Option {
  const option = new Option('--no-repeat-ngram-size <n>', 'no run of so many tokens comes twice; 0 is off')
  option.negate = false
  return option.argParser(wholeNumber(0)).default(0)
}

/** Writes the prompt and what follows it, once it is known that something does; on stderr how fast that went. */
export async function generateStream(
  generator: TextGenerationPipeline,
  prompt: string,
  settings: TextGenerationOptions,
): Promise<void> {
  const start = performance.now()
  let tokens = 0
  let isBegun = false
  const begin = (): void => {
    if (!isBegun) answer(prompt)
    isBegun = true
  }
  const count = generator.model.register_forward_hook(() => void tokens++)
  try {
    for await (const piece of generator.stream(prompt, settings)) {
      begin()
      answer(piece)
    }
    begin()
  } finally {
    count.remove()
    if (isBegun) answer('\n')
  }
  const seconds = (performance.now() - start) / 1000
  aside(`${tokens} tokens in ${seconds.toFixed(2)} s, ${Math.round(tokens / seconds)} tokens/s`)
}

async function generateWhole(
  generator: TextGenerationPipeline,
  prompts: readonly string[],
  options: GenerateOptions,
  settings: Omit<TextGenerationOptions, 'return_tensors' | 'return_type'>,
): Promise<void> {
  const texts: string[] = []
  for (const prompt of prompts) {
    const results = await generator(prompt, settings)
    texts.push(...results.map(({ generated_text }) => generated_text))
  }
  if (options.json) answer(`${JSON.stringify(texts.map(generated_text => ({ generated_text })))}\n`)
  else for (const text of texts) answer(`${text}\n`)
}
