// What the installed package must do on every version of Node: the main job through the public names, and the command line.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  AutoModelForCausalLM,
  AutoModelForSequenceClassification,
  AutoTokenizer,
  BertForMaskedLM,
  openBackend,
  pipeline,
} from 'vitrine'

const packageFolder = dirname(createRequire(import.meta.url).resolve('vitrine/package.json'))
const checkpoint = name => join(packageFolder, 'checkpoints', name)

const poet = checkpoint('gpt2-tang-poetry')
const generator = await pipeline(
  'text-generation',
  await AutoModelForCausalLM.from_pretrained(poet),
  await AutoTokenizer.from_pretrained(poet),
)
const settings = { do_sample: false, max_new_tokens: 64, prefix: '[CLS]', add_special_tokens: false, compact: true }
const [{ generated_text }] = await generator('春眠不觉晓，', settings)
assert.equal(generated_text, '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。')

const critic = checkpoint('bert-tiny-sentiment-zh')
const model = await AutoModelForSequenceClassification.from_pretrained(critic)
const classifier = await pipeline('text-classification', model, await AutoTokenizer.from_pretrained(critic))
const [{ label, score }] = await classifier('这家酒店非常好，下次还来。')
assert.equal(label, 'POSITIVE')
assert.ok(Math.abs(score - 0.942225) < 1e-4, `score ${score}`)
assert.match(String(model), /^BertForSequenceClassification\(\n {2}\(bert\): BertModel\(\n/)

const reference = await openBackend('reference')
const words = await AutoTokenizer.from_pretrained(checkpoint('bert-tiny-mlm-zh'))
const masked = await BertForMaskedLM.from_pretrained(checkpoint('bert-tiny-mlm-zh'), { backend: reference })
const { input_ids } = words('酒店的服[MASK]态度很好。')
const { logits } = masked.forward({ input_ids })
const place = input_ids.indexOf(words.mask_token_id)
assert.equal(words.decode([logits.select(1, place).argmax(-1).item()]), '务')

// The back end of tfjs-node where that is set up; elsewhere the error with the command that does it.
const setup = join('node_modules', 'vitrine', 'scripts', 'setup-tfjs.mjs')
assert.ok(existsSync(setup))
const refusal = await openBackend('tfjs').then(
  () => undefined,
  error => error,
)
if (refusal) {
  assert.equal(refusal.code, 'BACKEND_MISSING')
  assert.ok(refusal.message.endsWith(`(run: node ${setup})`), refusal.message)
  assert.notEqual(process.env.VITRINE_TEST_TFJS, '1', refusal.message)
} else {
  const onTfjs = await pipeline(
    'text-generation',
    await AutoModelForCausalLM.from_pretrained(poet, { backend: 'tfjs' }),
    await AutoTokenizer.from_pretrained(poet),
  )
  assert.equal((await onTfjs('春眠不觉晓，', settings))[0].generated_text, generated_text)
}

const { bin } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
const program = join(packageFolder, bin.vitrine)
const vitrine = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
const shown = vitrine('demo')
assert.equal(shown.status, 0, shown.stderr)
assert.match(shown.stdout, /POSITIVE/)
assert.match(shown.stdout, /BertSdpaSelfAttention/)
const wrong = vitrine('classify', '好', '--model', '/nowhere')
assert.equal(wrong.status, 1)
assert.equal(wrong.stdout, '')
assert.match(wrong.stderr, /there is no model folder/)
assert.equal(vitrine('generate', '--no-such-option').status, 2)

console.log(`ok on ${process.version}, tfjs ${refusal ? 'is not set up' : 'too'}`)
