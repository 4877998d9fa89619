// from_pretrained has a twin in JavaScript's spelling wherever it is.
import { expect, test } from 'vitest'
import * as vitrine from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

test('every from_pretrained has a fromPretrained', () => {
  const classes = Object.entries(vitrine).filter(([, item]) => 'from_pretrained' in Object(item))
  expect(classes.length).toBeGreaterThan(25)
  for (const [name, item] of classes) expect('fromPretrained' in Object(item), name).toBe(true)
})

test('twins give the same', async () => {
  const folder = goldenPath('weights/gpt2-lm')
  const config = (await vitrine.AutoConfig.from_pretrained(folder)).to_dict()
  const eager = { output_attentions: true }
  for (const twin of [vitrine.AutoConfig.fromPretrained(folder), vitrine.GPT2Config.fromPretrained(folder)]) {
    expect((await twin).to_dict()).toEqual(config)
  }
  expect((await vitrine.AutoConfig.fromPretrained(folder, eager)).output_attentions).toBe(true)
  expect((await vitrine.GPT2Config.fromPretrained(folder, eager)).output_attentions).toBe(true)
  const one = await vitrine.GenerationConfig.from_pretrained(folder)
  expect((await vitrine.GenerationConfig.fromPretrained(folder)).to_dict()).toEqual(one.to_dict())
  expect((await vitrine.GenerationConfig.fromPretrained(folder, { top_k: 3 })).top_k).toBe(3)
})
