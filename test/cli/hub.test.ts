// The commands about the hub: download, cache, names in place of folders, and what is shown of it all.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { addCache } from '../../src/cli/cache.ts'
import { downloadProgress } from '../../src/cli/progress.ts'
import { goldenPath } from '../golden.ts'
import { FakeHub, faults, filesOf } from '../hub/fakeHub.ts'

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const cache = mkdtempSync(join(tmpdir(), 'vitrine-cli-hub-'))
const model = filesOf(goldenPath('weights/gpt2-lm'))
const name = 'owner/model'
let hub: FakeHub
let commit: string

beforeAll(async () => {
  hub = await FakeHub.start()
  commit = hub.add(name, model)
})
beforeEach(() => hub.reset())
afterAll(async () => {
  await hub.stop()
  rmSync(cache, { recursive: true, force: true })
})

async function vitrine(...args: string[]) {
  return begun(...args).ended
}

function begun(...args: string[]) {
  const environment = { HF_HUB_CACHE: cache, HF_ENDPOINT: hub.endpoint, HF_HUB_OFFLINE: '0' }
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } })
  const texts = ['', '']
  for (const [i, stream] of [child.stdout, child.stderr].entries()) {
    stream.setEncoding('utf8').on('data', (text: string) => (texts[i] += text))
  }
  const ended = once(child, 'close').then(([status]) => ({
    status: status as number | null,
    stdout: texts[0]!,
    stderr: texts[1]!,
  }))
  return { child, ended }
}

const snapshot = (): string => join(cache, 'models--owner--model', 'snapshots', commit)

test('download says what it would fetch, fetches it, and prints the folder', async () => {
  const dry = await vitrine('download', name, '--dry-run')
  expect(dry.status).toBe(0)
  expect(dry.stdout.split('\n')).toContain('model.safetensors\t146 kB\tto fetch')
  expect(dry.stderr).toContain('148 kB in 6 files to fetch; nothing was fetched')
  expect(hub.fetched).toEqual([])
  const { status, stdout, stderr } = await vitrine('download', name)
  expect([status, stdout]).toEqual([0, `${snapshot()}\n`])
  expect(stderr).toMatch(/^model\.safetensors {2}146 kB in \d+\.\d s$/m)
  expect(hub.fetched).toContain('vocab.txt')
  const after = JSON.parse((await vitrine('download', name, '--dry-run', '--json')).stdout)
  expect(after).toMatchObject({ name, commit })
  expect(after.files.every(({ isCached }: { isCached: boolean }) => isCached)).toBe(true)
  hub.reset()
  const forced = await vitrine('download', name, '--force', '--token', 'hf_given', '--json', '--revision', commit)
  expect(JSON.parse(forced.stdout)).toEqual({ name, folder: snapshot() })
  expect(hub.fetched).toContain('model.safetensors')
  expect(hub.requests[0]?.headers.authorization).toBe('Bearer hf_given')
  const sub = await vitrine('download', name, '--subfolder', 'f16', '--cache-dir', join(cache, 'other'))
  expect(sub.stdout.trim()).toBe(join(cache, 'other', 'models--owner--model', 'snapshots', commit, 'f16'))
})

test('other commands take names', async () => {
  const generated = await vitrine('generate', '今天', '-m', name, '-n', '4', '-s', '1', '--backend', 'reference')
  const fromFolder = await vitrine('generate', '今天', '-m', snapshot(), '-n', '4', '-s', '1', '--backend', 'reference')
  expect(generated.stdout).toBe(fromFolder.stdout)
  expect(generated.stdout.startsWith('今天')).toBe(true)
  expect((await vitrine('print', name)).stdout).toContain('GPT2LMHeadModel(')
})

test('what goes wrong is one line with the way out', async () => {
  const { status, stdout, stderr } = await vitrine('download', 'nobody/nothing')
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /^error: 'nobody\/nothing' is neither a folder here nor a model on 127\.0\.0\.1:\d+ .*HF_TOKEN.*\n$/,
  )
  hub.fault = faults('').redirect(() => 'file:///etc/passwd', 9)
  const sent = await vitrine('download', name, '--token', 'hf_given', '--cache-dir', join(cache, 'redirected'))
  expect(sent).toMatchObject({ status: 1, stdout: '' })
  expect(sent.stderr).toMatch(
    /^error: .*127\.0\.0\.1:\d+ sends to 'file:\/\/\/etc\/passwd', which is not followed.*\n$/,
  )
  expect(sent.stderr).not.toContain('hf_given')
  hub.listFault = faults('').status(403, { 'x-error-code': 'GatedRepo' }, 9)
  expect((await vitrine('download', 'owner/model', '--revision', 'refs/pr/1')).stderr).toContain(
    'accept its conditions',
  )
})

/** `vitrine cache` without a process of its own. */
async function cacheCommand(...args: string[]) {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation(text => {
      written[stream] += String(text)
      return true
    })
  }
  const program = new Command().exitOverride()
  addCache(program, new AbortController().signal)
  const rest = args.includes('--cache-dir') ? args : [...args, '--cache-dir', cache]
  const error: unknown = await program.parseAsync(['cache', ...rest], { from: 'user' }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const status = process.exitCode ?? 0
  process.exitCode = undefined
  vi.restoreAllMocks()
  return { status, error, ...written }
}

test('Ctrl-C ends a download, and the next one goes on with what had come', async () => {
  const place = ['--cache-dir', join(cache, 'interrupted')]
  const { child, ended } = begun('download', name, ...place)
  let pieces = 0
  hub.fault = faults('model.safetensors').slow(20, 30, 1, () => void (++pieces === 10 && child.kill('SIGINT')))
  expect(await ended).toMatchObject({ status: 130, stdout: '' })
  hub.reset()
  expect((await vitrine('download', name, ...place)).status).toBe(0)
  expect(hub.fetched).toEqual([expect.stringMatching(/^model\.safetensors [1-9]/)])
})

test('cache ls, where, verify and rm', async () => {
  expect((await vitrine('cache', 'ls')).stdout).toBe(`${name}\t148 kB\t6 files\tmain = ${commit.slice(0, 8)}\n`)
  const listed = await cacheCommand('ls')
  expect(listed.stderr).toContain(`1 models, 148 kB in ${cache}`)
  expect(JSON.parse((await cacheCommand('ls', '--json')).stdout)).toMatchObject({
    cache,
    models: [{ name, revisions: [{ commit }] }],
  })
  expect((await cacheCommand('where')).stdout).toBe(`${cache}\n`)
  expect((await cacheCommand('where', name)).stdout).toBe(`${snapshot()}\n`)
  expect(JSON.parse((await cacheCommand('where', name, '--json')).stdout)).toEqual({ cache, name, folder: snapshot() })
  expect(JSON.parse((await cacheCommand('where', '--json', '--cache-dir', '/x')).stdout)).toEqual({ cache: '/x' })
  expect(await cacheCommand('verify')).toMatchObject({ status: 0, stdout: `${name}\t6 good\n` })

  const weights = join(snapshot(), 'model.safetensors')
  const bytes = readFileSync(weights)
  bytes[1000]! ^= 1
  writeFileSync(weights, bytes)
  const wrong = await cacheCommand('verify', name)
  expect(wrong).toMatchObject({ status: 1, stderr: `"vitrine download ${name} --force" fetches ${name} again\n` })
  expect(wrong.stdout).toMatch(/5 good, 1 WRONG\n {2}\S+\tis not what the hub announced\n/)
  const report = JSON.parse((await cacheCommand('verify', '--json')).stdout)
  expect(report.models[0].findings).toMatchObject([{ fault: 'damaged' }])

  const dry = await cacheCommand('rm', name, '--dry-run')
  expect(dry).toMatchObject({ stdout: `${name}\t148 kB\n`, stderr: 'nothing was removed\n' })
  const { removed } = JSON.parse((await cacheCommand('rm', name, '--revision', 'main', '--dry-run', '--json')).stdout)
  expect(removed).toMatchObject([{ name, commit }])
  expect(await cacheCommand('rm', name, 'owner/modle')).toMatchObject({ error: { code: 'NOT_CACHED' }, stdout: '' })
  expect((await cacheCommand('where', name)).stdout).toBe(`${snapshot()}\n`)
  expect((await cacheCommand('rm', name)).error).toBeUndefined()
  expect((await cacheCommand('ls')).stdout).toBe('')
  expect((await vitrine('cache', 'where', name)).stderr).toContain('is not in the cache')
})

/** What is shown of a download of 4 MB at 1 MB/s. */
function shown(screen: { isTTY: boolean; columns?: number }): string[] {
  const texts: string[] = []
  let time = 0
  const tell = downloadProgress({ ...screen, write: text => texts.push(text) }, () => time)
  const file = { name, file: 'model.safetensors' }
  tell({ status: 'initiate', ...file })
  tell({ status: 'download', ...file })
  for (let loaded = 0; loaded <= 4e6; loaded += 1e6, time += 6000) {
    tell({ status: 'progress', ...file, progress: loaded / 4e4, loaded, total: 4e6 })
  }
  time -= 6000
  tell({ status: 'done', ...file })
  tell({ status: 'ready', task: 'text-generation', model: name })
  return texts
}

test('where there is no terminal, progress is plain lines, few of them', () => {
  expect(shown({ isTTY: false })).toEqual([
    'model.safetensors  0 %  0 B of 4.0 MB\n',
    'model.safetensors  50 %  2.0 MB of 4.0 MB  167 kB/s  0:12 left\n',
    'model.safetensors  100 %  4.0 MB of 4.0 MB  167 kB/s  0:00 left\n',
    'model.safetensors  4.0 MB in 24.0 s\n',
  ])
})

test('on a terminal it is a bar with bytes, rate and the time that is left', () => {
  const texts = shown({ isTTY: true, columns: 100 })
  expect(texts[3]).toBe(
    `\r[${'#'.repeat(22)}${'.'.repeat(8)}] model.safetensors  75 %  3.0 MB of 4.0 MB  167 kB/s  0:06 left\u001b[K`,
  )
  expect(texts.slice(-2)).toEqual(['\r\u001b[K', 'model.safetensors  4.0 MB in 24.0 s\n'])
  for (const columns of [10, 40, 75, 80]) {
    for (const text of shown({ isTTY: true, columns }).slice(0, 5)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is written
      expect(text.replaceAll(/\r|\u001b\[K/g, '').length).toBeLessThan(columns)
    }
  }
})

test('files that are not fetched are not shown', () => {
  const texts: string[] = []
  const tell = downloadProgress({ write: text => texts.push(text) })
  const file = { name, file: 'config.json' }
  tell({ status: 'initiate', ...file })
  tell({ status: 'progress', ...file, progress: 50, loaded: 1, total: 2 })
  tell({ status: 'done', ...file })
  expect(texts).toEqual([])
})
