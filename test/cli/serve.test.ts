// vitrine serve as a user has it: what it says, what it answers, how it ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { remote } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

interface Serving {
  readonly child: ChildProcess
  readonly url: string
  /** Everything on stderr so far. */
  text(): string
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>
}

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts the command on a free port; resolves when it says where it serves. */
function serving(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', ...args], { env: { ...process.env, ...env } })
  children.push(child)
  let text = ''
  const ended = new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
    child.on('close', (code, signal) => resolve([code, signal]))
  })
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (data: Buffer) => {
      text += data.toString()
      const url = /serves at (\S+)/.exec(text)?.[1]
      if (url) resolve({ child, url, text: () => text, ended })
    })
    void ended.then(([code]) => reject(new Error(`ended with ${code}: ${text}`)))
  })
}

test('without folders it serves the models that ship with the package', async () => {
  const { child, url, text, ended } = await serving(['--log'])
  const [[best]] = await remote<[{ label: string }[]]>('bert-tiny-sentiment-zh', '很好', { endpoint: url })
  expect(best!.label).toBe('POSITIVE')
  const models = await (await fetch(`${url}/v1/models`)).json()
  expect((models as { data: object[] }).data).toHaveLength(3)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(text()).toMatch(/loaded gpt2-tang-poetry in \d+ ms: text-generation, feature-extraction/)
  expect(text()).toMatch(/POST \/models\/bert-tiny-sentiment-zh 200 \d+ ms/)
})

test('folders, names, tasks and a token of the environment', async () => {
  const folders = [goldenPath('weights/bert-model'), `sorter=${goldenPath('weights/bert-seqcls5')}`]
  const { url } = await serving([...folders, '--task', 'bert-model=fill-mask'], { VITRINE_TOKEN: 'sesame' })
  const there = { endpoint: url, token: 'sesame' }
  expect(await remote('bert-model', '今天[MASK]好', { ...there, parameters: { top_k: 2 } })).toHaveLength(2)
  expect(await remote('sorter', '今天', there)).toHaveLength(1)
  await expect(remote('sorter', '今天', { endpoint: url })).rejects.toMatchObject({ code: 'REMOTE_TOKEN' })
})

test('the other options: limits of bodies and of the queue, hosts, back end, address', async () => {
  const options = ['--body-limit', '50', '--queue', '0', '--parallel', '1', '--allow-host', 'models.example']
  const { url } = await serving([...options, '--backend', 'reference', '--host', '127.0.0.1', '--drain', '0'])
  const failure = remote('bert-tiny-sentiment-zh', '很好'.repeat(30), { endpoint: url })
  await expect(failure).rejects.toMatchObject({ code: 'REMOTE_TOO_LARGE' })
})

test('SIGTERM lets running requests finish', async () => {
  const { child, url, ended } = await serving([])
  const parameters = { do_sample: true, max_new_tokens: 70, eos_token_id: null, add_special_tokens: false }
  const events = remote('gpt2-tang-poetry', '春', { endpoint: url, parameters, stream: true })
  await events.next()
  child.kill('SIGTERM')
  let count = 1
  for await (const _ of events) count++
  expect(count).toBe(70)
  expect(await ended).toEqual([0, null])
})

test('Ctrl-C ends it with 130, and a second one at once', async () => {
  const first = await serving([])
  first.child.kill('SIGINT')
  expect(await first.ended).toEqual([130, null])
  const { child, url, ended, text } = await serving(['--drain', '60'])
  const parameters = { do_sample: true, max_new_tokens: 70, eos_token_id: null, num_return_sequences: 128 }
  const long = remote('gpt2-tang-poetry', '春', { endpoint: url, parameters, max_wait: 2 })
  const failed = expect(long).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' })
  while (!/queue_running 1/.test(await (await fetch(`${url}/metrics`)).text()))
    await new Promise(r => setTimeout(r, 10))
  child.kill('SIGINT')
  while (!text().includes('SIGINT')) await new Promise(resolve => setTimeout(resolve, 5))
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  child.kill()
  await failed
})

const ends = (...args: string[]) => spawnSync(process.execPath, [program, 'serve', ...args], { encoding: 'utf8' })

test('a model that cannot be loaded ends it', () => {
  const { status, stderr, stdout } = ends(goldenPath('weights/none'), '--port', '0')
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/error: there is no model folder/)
})

test('a port that is taken is said', async () => {
  const { url } = await serving([])
  const { status, stderr } = ends('--port', new URL(url).port)
  expect(status).toBe(1)
  expect(stderr).toMatch(/error: listen EADDRINUSE/)
})

test.each([
  [['--task', 'none=fill-mask'], 1],
  [['--task', 'bert-tiny-mlm-zh=translation', '--port', '0'], 1],
  [['--port', '99999'], 1],
  [['--parallel', '0'], 2],
  [['--backend', 'gpu'], 2],
])('serve %j ends with %i', (args, code) => {
  const { status, stderr } = ends(...args)
  expect(status).toBe(code)
  expect(stderr).toMatch(/^(vitrine serves at .*\n)?error: /)
})

test('help has examples', () => {
  expect(ends('--help').stdout).toContain('Examples:')
})
