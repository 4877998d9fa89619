// vitrine demo: what the library does, in a few seconds and offline, with the models that ship with it.
import type { Command } from 'commander'
import { classify } from './classify.ts'
import { generateStream } from './generate.ts'
import { load } from './load.ts'
import { critic, poet, shippedFolder } from './shipped.ts'
import { answer, heading } from './terminal.ts'

const prompts = ['床前明月光，', '秋夜：']
const reviews = ['这家酒店非常好，下次还来。', '房间又小又脏，服务态度极差。']

export function addDemo(program: Command, signal: AbortSignal): void {
  program
    .command('demo')
    .description('generate two poems, classify two reviews and print the classifier: the main job in one go')
    .action(async () => {
      heading(`Text generation with ${poet} (GPT2LMHeadModel)`)
      const generator = await load('text-generation', shippedFolder(poet), { backend: 'wasm' })
      for (const prompt of prompts) {
        const draw = { do_sample: true, temperature: 0.9, top_k: 20, seed: 1 }
        await generateStream(generator, prompt, {
          ...draw,
          prefix: '[CLS]',
          add_special_tokens: false,
          compact: true,
          max_new_tokens: 64,
          signal,
        })
      }
      heading(`\nText classification with ${critic} (BertForSequenceClassification; right on 84 of 100 held-out lines)`)
      const classifier = await load('text-classification', shippedFolder(critic), { backend: 'wasm' })
      await classify(classifier, reviews, { json: false })
      heading('\nThe classifier, as PyTorch prints it')
      answer(`${String(classifier.model)}\n`)
    })
}
