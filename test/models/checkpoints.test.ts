// The checkpoints that ship with the package give what Hugging Face gives for them.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
  type Tensor,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { golden } from '../golden.ts'

const folder = (name: string) => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))

interface Greedy {
  readonly prompt: string
  readonly input_ids: number[]
  readonly ids: readonly number[]
  readonly ids_without_eos: readonly number[]
}

/** Logits of trained models reach 15, and the recorded ones differ by up to 7e-6 between processors. */
const tolerance = 1e-4

function expectNear(actual: Tensor, wanted: readonly number[], what: string): void {
  const data = actual.data
  expect(data.length).toBe(wanted.length)
  const worst = wanted.reduce((error, value, i) => Math.max(error, Math.abs(data[i]! - value)), 0)
  expect(worst, what).toBeLessThanOrEqual(tolerance)
}

onPlainBackends('shipped checkpoints', backend => {
  test('gpt2-tang-poetry: logits of the next token', async () => {
    const model = await AutoModelForCausalLM.from_pretrained(folder('gpt2-tang-poetry'), { backend })
    for (const { prompt, input_ids, last_logits } of golden<
      { prompt: string; input_ids: number[]; last_logits: number[] }[]
    >('checkpoints/gpt2-logits.json')) {
      backend.scope(() => expectNear(model.forward({ input_ids, logits_to_keep: 1 }).logits, last_logits, prompt))
    }
  })

  test('gpt2-tang-poetry: greedy poems', async () => {
    const model = await AutoModelForCausalLM.from_pretrained(folder('gpt2-tang-poetry'), { backend })
    const poems = golden<readonly Greedy[]>('checkpoints/gpt2-greedy.json')
    expect(poems.length).toBeGreaterThanOrEqual(5)
    for (const { input_ids, ids, ids_without_eos } of backend.name === 'wasm' ? poems : poems.slice(0, 2)) {
      const ended = await model.generate([input_ids], { max_new_tokens: ids.length - input_ids.length })
      expect(ended.tolist()).toEqual([ids])
      const endless = { max_new_tokens: ids_without_eos.length - input_ids.length, eos_token_id: null }
      expect((await model.generate([input_ids], endless)).tolist()).toEqual([ids_without_eos])
    }
  })

  test('bert-tiny-sentiment-zh: logits and labels', async () => {
    const model = await AutoModelForSequenceClassification.from_pretrained(folder('bert-tiny-sentiment-zh'), {
      backend,
    })
    const texts = golden<{ text: string; input_ids: number[]; logits: number[]; label: string }[]>(
      'checkpoints/bert-sentiment.json',
    )
    for (const { text, input_ids, logits: wanted, label } of texts) {
      backend.scope(() => {
        const { logits } = model.forward({ input_ids })
        expectNear(logits, wanted, text)
        expect(model.config.id2label[logits.argmax(-1).item()]).toBe(label)
      })
    }
  })

  test('bert-tiny-mlm-zh: logits at the masked place', async () => {
    const model = await AutoModelForMaskedLM.from_pretrained(folder('bert-tiny-mlm-zh'), { backend })
    const texts =
      golden<{ text: string; input_ids: number[]; position: number; logits: number[] }[]>('checkpoints/bert-mlm.json')
    for (const { text, input_ids, position, logits: wanted } of backend.name === 'wasm' ? texts : texts.slice(0, 3)) {
      backend.scope(() => expectNear(model.forward({ input_ids }).logits.select(1, position), wanted, text))
    }
  })
})

test.each(['gpt2-tang-poetry', 'bert-tiny-sentiment-zh', 'bert-tiny-mlm-zh'])(
  '%s has a model card with a licence',
  name => {
    const card = readFileSync(`${folder(name)}/README.md`, 'utf8')
    expect(card).toContain('license: mit')
    for (const file of ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer_config.json']) {
      expect(existsSync(`${folder(name)}/${file}`), file).toBe(true)
    }
  },
)
