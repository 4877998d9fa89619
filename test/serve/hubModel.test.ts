// A server of a model that is on the hub: fetched by its computing thread, and called by its name.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { goldenPath } from '../golden.ts'
import { setScene } from '../hub/scene.ts'
import { post, ready } from './serving.ts'

const scene = setScene()
const shipped = (file: string) => readFileSync(goldenPath(`weights/bert-mlm/${file}`))

test('it answers under the name of the model', async () => {
  const files = ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer_config.json', 'special_tokens_map.json']
  scene.hub.add('owner/guesser', {
    ...Object.fromEntries(files.map(file => [file, shipped(file)])),
    'modules.json': '[]',
    '1_Pooling/config.json': '{"pooling_mode_cls_token": true}',
  })
  const server = await ready(['owner/guesser'])
  const { status, body } = await post(server, '/models/owner/guesser', { inputs: '我[MASK]中国' })
  expect([status, body.length]).toEqual([200, 5])
  expect(scene.hub.fetched).toContain('1_Pooling/config.json')
})
