// The command line as a user has it: the built program, its answers on stdout, everything else on stderr, its exit codes.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { GPT2LMHeadModel } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'vitrine-cli-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function vitrine(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', input })
}

test('generate writes the prompt and what follows, and nothing else, to stdout', () => {
  const { status, stdout, stderr } = vitrine(['generate', '春眠不觉晓，', '--greedy'])
  expect(stdout).toBe('春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。\n')
  expect(stderr).toMatch(/tokens\/s/)
  expect(status).toBe(0)
})

test('--dtype keeps the weights small', () => {
  const { status, stdout } = vitrine(['generate', '春眠不觉晓，', '--greedy', '--dtype', 'int8'])
  expect([status, stdout]).toEqual([0, '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。\n'])
  expect(vitrine(['classify', '好', '--dtype', 'q4']).status).toBe(0)
  expect(vitrine(['classify', '好', '--dtype', 'q3']).stderr).toContain('Allowed choices are float32')
})

test('a seed repeats a text', () => {
  const run = () => vitrine(['generate', '秋夜：', '--seed', '7']).stdout
  expect(run()).toBe(run())
})

test('generate --json, several answers, spaces, and a prompt from standard input', () => {
  const { stdout } = vitrine(['generate', '-', '--greedy', '--json'], '春眠不觉晓，\n')
  expect(JSON.parse(stdout)).toEqual([{ generated_text: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。' }])
  const lines = vitrine(['generate', '-', '--greedy', '-n', '2'], '春眠不觉晓，\n\n白日依山尽，\n')
  expect(lines.stdout).toBe('春眠不觉晓，日日\n白日依山尽，黄河\n')
  expect(lines.stderr.match(/loaded/g)).toHaveLength(1)
  const two = vitrine(['generate', '-', '--greedy', '-n', '2', '--json'], '春眠不觉晓，\n白日依山尽，\n').stdout
  expect(JSON.parse(two)).toEqual([{ generated_text: '春眠不觉晓，日日' }, { generated_text: '白日依山尽，黄河' }])
  const three = vitrine(['generate', '秋夜：', '--seed', '1', '--num-return-sequences', '3', '-n', '8']).stdout
  expect(three.trimEnd().split('\n')).toHaveLength(3)
  expect(vitrine(['generate', '春眠不觉晓，', '--greedy', '--spaces', '-n', '3']).stdout).toBe(
    '春眠不觉晓， 日 日 正\n',
  )
})

test('generate searches with beams or contrastively, stops at texts and repeats no runs', () => {
  const text = (...args: string[]) => vitrine(['generate', ...args]).stdout
  expect(text('白日依山尽，', '--num-beams', '4', '-n', '6')).toBe('白日依山尽，黄河入海流。\n')
  expect(text('白日依山尽，', '--greedy', '--stop', '。', '！')).toBe('白日依山尽，黄河绕水流。\n')
  expect(text('床前明月', '--penalty-alpha', '0.6', '--top-k', '4', '-n', '20')).toBe('床前明月夜，不见故人愁。\n')
  expect(text('明月光，明', '--greedy', '--no-repeat-ngram-size', '2', '-n', '1')).toBe('明月光，明星\n')
  const beams = ['江雪：', '--num-beams', '2', '-n', '9', '--min-new-tokens', '9', '--length-penalty', '-1']
  expect(Array.from(text(...beams))).toHaveLength(13)
  expect(text('山', '--min-p', '0.9', '--typical-p', '0.99', '-n', '1')).toBe('山中\n')
})

test('a prompt that the model cannot take is an error, and stdout stays empty', () => {
  const { status, stdout, stderr } = vitrine(['generate', '好'.repeat(2000)])
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/error: .*2001/)
})

test('generate takes a folder and each sampling option', () => {
  const args = ['generate', '今天', '-m', goldenPath('weights/gpt2-lm'), '-n', '4', '-s', '1']
  const more = [
    '-t',
    '0.5',
    '--top-k',
    '5',
    '--top-p',
    '0.9',
    '--repetition-penalty',
    '1.2',
    '--no-special-tokens',
    '--backend',
    'reference',
  ]
  const { status, stdout } = vitrine([...args, ...more])
  expect(status).toBe(0)
  expect(stdout.startsWith('今天')).toBe(true)
})

test('classify gives label, score and text, one line each', () => {
  const { stdout, status } = vitrine(['classify', '这家酒店非常好，下次还来。', '房间又小又脏，服务态度极差。'])
  expect(stdout).toBe('POSITIVE\t0.9422\t这家酒店非常好，下次还来。\nNEGATIVE\t0.9316\t房间又小又脏，服务态度极差。\n')
  expect(status).toBe(0)
})

test('classify reads lines of standard input, gives all labels and JSON', () => {
  const { stdout } = vitrine(['classify', '-', '--json', '--top-k', '2'], '这家酒店非常好，下次还来。\r\n')
  expect(JSON.parse(stdout)).toEqual([
    { text: '这家酒店非常好，下次还来。', label: 'POSITIVE', score: expect.closeTo(0.942225, 4) },
    { text: '这家酒店非常好，下次还来。', label: 'NEGATIVE', score: expect.closeTo(0.057775, 4) },
  ])
})

test('a head that the folder lacks is fresh: the seed repeats it, one warning says so', () => {
  const run = () => vitrine(['classify', '今天', '-m', goldenPath('weights/bert-model'), '--seed', '5'])
  const { stdout, stderr } = run()
  expect(stdout).toMatch(/^LABEL_[01]\t0\.\d{4}\t今天\n$/)
  expect(stderr.match(/warning:/g)).toHaveLength(1)
  expect(stderr).toMatch(/classifier\.weight +\| MISSING/)
  expect(run().stdout).toBe(stdout)
})

test('fill guesses masked tokens: one line for each, or JSON', () => {
  const { status, stdout } = vitrine(['fill', '酒店的服[MASK]态度很好。', '--top-k', '2'])
  expect(status).toBe(0)
  expect(stdout).toBe('务\t0.9961\t酒 店 的 服 务 态 度 很 好 。\n務\t0.0011\t酒 店 的 服 務 态 度 很 好 。\n')
  const targets = ['--targets', '差', '好', '--json']
  const [guesses] = JSON.parse(vitrine(['fill', '-', ...targets], '早餐太[MASK]了\n').stdout)
  expect(guesses.map(({ token_str }: { token_str: string }) => token_str)).toEqual(['差', '好'])
  const { status: failed, stderr } = vitrine(['fill', '好'])
  expect(failed).toBe(1)
  expect(stderr).toContain('error: fill-mask: there is no [MASK] in "好"')
})

test('embed gives vectors of length 1, or as they are', () => {
  const [first, second] = vitrine(['embed', '酒店', '电脑'])
    .stdout.trimEnd()
    .split('\n')
    .map(line => line.split(' '))
  expect([first!.length, second!.length]).toEqual([192, 192])
  expect(Math.hypot(...first!.map(Number))).toBeCloseTo(1, 4)
  const args = ['embed', '酒店', '--pooling', 'cls', '--no-normalize', '--json']
  const [{ text, vector }] = JSON.parse(vitrine(args).stdout)
  expect([text, vector.length]).toEqual(['酒店', 192])
  expect(Math.hypot(...vector)).toBeGreaterThan(2)
})

test('ner gives label, score, start, end and words, one line for each entity', () => {
  const args = ['ner', 'hello world', '-m', goldenPath('weights/bert-tokcls')]
  const { status, stdout } = vitrine([...args, '--strategy', 'first'])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^(PER|LOC)\t0\.\d{4}\t0\t\d+\thello.*\n/)
  const [{ text, entities }] = JSON.parse(vitrine([...args, '--json']).stdout)
  expect(text).toBe('hello world')
  expect(Object.keys(entities[0])).toEqual(['entity_group', 'score', 'word', 'start', 'end'])
})

test('ask finds answers in a text', () => {
  const args = ['ask', '什么？', '-', '-m', goldenPath('weights/bert-qa')]
  const { status, stdout } = vitrine([...args, '--top-k', '2', '--impossible'], 'the world of text')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^.*\t0\.\d{4}\t\d+\t\d+\n.*\t0\.\d{4}\t\d+\t\d+\n$/)
  const [found] = JSON.parse(vitrine([...args, '--json'], 'the world of text').stdout)
  expect('the world of text'.slice(found.start, found.end)).toBe(found.answer)
})

test('print gives the tree of a folder with a config.json alone, by class and by profile', () => {
  const folder = join(scratch, 'bert-base-chinese')
  const { status, stdout } = vitrine(['print', goldenPath('weights/bert-full')])
  expect(status).toBe(0)
  expect(stdout).toContain('(0-11): 12 x BertLayer(')
  expect(stdout).toContain('LayerNorm((768,), eps=1e-12, elementwise_affine=True)\n')
  const other = vitrine([
    'print',
    goldenPath('weights/bert-full'),
    '--class',
    'BertForMaskedLM',
    '--profile',
    'hf-5',
  ]).stdout
  expect(other).toMatch(/^BertForMaskedLM\(/)
  expect(other).toContain('BertSelfAttention(')
  expect(other).toContain('bias=True)\n')
  expect(vitrine(['print', folder]).stderr).toContain(`there is no model folder '${folder}'`)
  const slip = vitrine(['print', goldenPath('weights/bert-full'), '--class', 'BertForMaskLM'])
  expect(slip.stderr).toContain("did you mean 'BertForMaskedLM'?")
  expect(slip.status).toBe(1)
})

test('demo does the main job', () => {
  const { status, stdout } = vitrine(['demo'])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^床前明月光，.+\n秋夜：.+\nPOSITIVE\t.+\nNEGATIVE\t.+\nBertForSequenceClassification\(\n/)
})

test.each([
  ['LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n', /git.lfs/i],
  ['HTML page', '<!DOCTYPE html>\n<html><body>Log in</body></html>', /HTML/],
  ['PyTorch file', 'PK\u0003\u0004 and so on, the beginning of a zip archive', /PyTorch/],
  ['empty file', '', /model\.safetensors/],
])('an %s in place of the weights is a clear error', (name, text, message) => {
  const folder = mkdtempSync(join(scratch, 'broken-'))
  writeFileSync(join(folder, 'config.json'), '{"model_type":"gpt2"}')
  writeFileSync(join(folder, 'model.safetensors'), text)
  const { status, stdout, stderr } = vitrine(['generate', '好', '-m', folder])
  expect(status, name).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(/^error: /)
  expect(stderr).not.toMatch(/\n {4}at /)
})

test.each([
  [['generate']],
  [['generate', '好', '--top-k', 'many']],
  [['generate', '好', '--max-new-tokens', '0']],
  [['classify', '好', '--backend', 'gpu']],
  [['ner', '好']],
  [['ask', '好', '-m', 'folder']],
  [['embed', '好', '--pooling', 'none']],
  [['clasify', '好']],
  [['print', '--profile', 'hf-6']],
  [['generate', '好', '--tempature', '1']],
  [['generate', '好', '--temperature', '0']],
  [['generate', '好', '--top-p', '2']],
  [['generate', '好', '--penalty-alpha', '1.5']],
])('wrong usage %j exits with 2', args => {
  const { status, stdout, stderr } = vitrine(args)
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: /)
})

test('help has examples, and goes to stdout when it is asked for', () => {
  for (const command of ['generate', 'classify', 'fill', 'embed', 'ner', 'ask', 'print']) {
    const { status, stdout } = vitrine([command, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain('Examples:')
  }
  expect(vitrine(['--help']).stdout).toContain('demo')
  expect(vitrine(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

const ended = (child: ChildProcess) => new Promise<number | null>(resolve => child.on('close', resolve))

test('Ctrl-C exits with 130', async () => {
  const args = [
    'generate',
    '好',
    '-m',
    goldenPath('weights/gpt2-lm'),
    '--backend',
    'reference',
    '--num-return-sequences',
    '400',
    '-n',
    '90',
  ]
  const child = spawn(process.execPath, [program, ...args])
  let isLoaded = false
  child.stderr.on('data', () => {
    if (!isLoaded) child.kill('SIGINT')
    isLoaded = true
  })
  expect(await ended(child)).toBe(130)
})

test('a reader that goes away early is no error', async () => {
  const child = spawn(process.execPath, [program, 'print', goldenPath('weights/bert-full')])
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  child.stdout.destroy()
  expect(await ended(child)).toBe(0)
  expect(stderr).toBe('')
})

test('inspect says that weights are small', async () => {
  const folder = join(scratch, 'small')
  const model = await GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { dtype: 'q4' })
  await model.save_pretrained(folder)
  model.dispose()
  const { status, stdout, stderr } = vitrine(['inspect', folder])
  expect(status).toBe(0)
  expect(stdout).toMatch(/transformer\.h\.0\.attn\.c_attn\.weight_packed +U8 +\(16, 96\)/)
  expect(stdout).toMatch(/transformer\.h\.0\.attn\.c_attn\.weight_shape +I32 +\(2,\)/)
  expect(stderr).toContain('weights kept as q4, for Vitrine alone')
})

test('inspect lists tensors, as a table or as JSON, in one file, several, or a pickle', () => {
  const { status, stdout, stderr } = vitrine(['inspect', goldenPath('weights/gpt2-lm')])
  expect(status).toBe(0)
  expect(stdout).toContain('transformer.wte.weight              F32  (228, 32)    29.2 KB\n')
  expect(stdout.trimEnd().split('\n')).toHaveLength(28)
  expect(stderr).toContain('28 tensors, 143.4 KB')
  const sharded = vitrine(['inspect', goldenPath('weights/gpt2-lm/sharded')])
  expect(sharded.stdout).toMatch(/transformer\.wte\.weight .* model-00001-of-00003\.safetensors\n/)
  const pickle = vitrine(['inspect', goldenPath('weights/gpt2-lm/bin'), '--verify'])
  expect(pickle.stdout).toMatch(/lm_head\.weight .* same as transformer\.wte\.weight\n/)
  expect(pickle.stderr).toContain('29 tensors, 143.4 KB')
  const rows: unknown[] = JSON.parse(vitrine(['inspect', goldenPath('weights/gpt2-lm/bin'), '--json']).stdout)
  expect(rows.at(-1)).toEqual({
    name: 'lm_head.weight',
    dtype: 'F32',
    shape: [228, 32],
    bytes: 29184,
    file: 'pytorch_model.bin',
    same_as: 'transformer.wte.weight',
  })
})

test('convert writes safetensors beside pytorch_model.bin, keeps what is there, and makes pieces', () => {
  const folder = mkdtempSync(join(scratch, 'convert-'))
  copyFileSync(goldenPath('weights/gpt2-lm/bin/pytorch_model.bin'), join(folder, 'pytorch_model.bin'))
  const first = vitrine(['convert', folder])
  expect(first.stdout).toBe(`${join(folder, 'model.safetensors')}\n`)
  expect(first.stderr).toMatch(/writing 143\.4 KB of 143\.4 KB \(100 %/)
  const again = vitrine(['convert', folder])
  expect(again.status).toBe(1)
  expect(again.stderr).toMatch(/is already there.*--force/)
  const pieces = vitrine(['convert', folder, '--force', '--max-shard-size', '60KB', '--json'])
  expect(JSON.parse(pieces.stdout)).toHaveLength(4)
  expect(vitrine(['inspect', folder]).stderr).toContain('model.safetensors.index.json')
  expect(vitrine(['convert', folder, '--force', '--max-shard-size', 'big']).stderr).toContain("'5GB'")
})

test('profile tells what each module costs, of a text or of a step of generating, as a table or as JSON', () => {
  const quick = ['--warmup', '0', '--repeat', '1']
  const { stdout, status } = vitrine(['profile', '--text', '这家酒店非常好', ...quick])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^BertForSequenceClassification, 1 x 9 tokens: [\d.]+ ms \(median of 1 runs\)\n/)
  expect(stdout).toMatch(/linear\+gelu +\(dense\): Linear\(in_features=192, out_features=768, bias=True\)\n/)
  const folder = goldenPath('weights/gpt2-lm')
  const json = vitrine([
    'profile',
    folder,
    '--past',
    '3',
    '--class',
    'GPT2Model',
    '--backend',
    'reference',
    '--json',
    ...quick,
  ])
  const answered: unknown = JSON.parse(json.stdout)
  expect(answered).toMatchObject({
    model: 'GPT2Model',
    subject: '1 x 1 token behind 3',
    backend: 'reference',
    repeat: 1,
  })
  expect(vitrine(['profile', folder, '--tokens', '4', ...quick]).stdout).toContain('1 x 4 tokens')
  expect(vitrine(['profile', '--tokens', '4', '--text', '好']).status).toBe(2)
})

test('the doctor tells which kernels and how many threads there are, and why', () => {
  const doctor = (env: NodeJS.ProcessEnv) =>
    JSON.parse(
      spawnSync(process.execPath, [program, 'doctor', '--json'], {
        encoding: 'utf8',
        env: { ...process.env, VITRINE_TFJS: scratch, ...env },
      }).stdout,
    ) as Record<string, Record<string, unknown>>
  const usual = doctor({})
  expect(usual.machine).toMatchObject({ node: process.versions.node, v8: process.versions.v8 })
  expect(usual.wasm).toMatchObject({
    kernels: expect.stringMatching(/^(relaxed|simd128) /),
    tiles: expect.stringMatching(/^\d rows x \d+ columns/),
    panels: expect.stringMatching(/^\d+ outputs wide$/),
    int8: expect.stringMatching(/^[24] inputs at a time/),
    threads: expect.stringContaining('as many as cores'),
    'memory limit': '4.00 GiB',
  })
  const asked = doctor({ VITRINE_THREADS: '1', VITRINE_KERNELS: 'simd128', VITRINE_V8_FLAGS: '0' }).wasm
  expect(asked).toMatchObject({
    kernels: 'simd128 (128-bit SIMD)',
    "V8's flags": 'none',
    threads: expect.stringMatching(/^1 \(VITRINE_THREADS; \d+ cores\)$/),
    'threads started': 1,
  })
})
