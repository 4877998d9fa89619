// The script that installs tfjs-node, as far as it goes without the network: folders, refusals, what it misses, its lock.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tfjsFolder } from '../../../src/backends/tfjs/load.ts'

const scripts = fileURLToPath(new URL('../../../scripts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vitrine-setup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inherited = { ...process.env, VITRINE_TFJS: '', XDG_CACHE_HOME: '' }

function node(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...inherited, ...env } })
}

const setup = (args: readonly string[], env?: Record<string, string>) =>
  node([join(scripts, 'setup-tfjs.mjs'), ...args], env)

/** Runs statements with what a file of the script exports. */
const withFile = (file: string, text: string, env?: Record<string, string>) =>
  node(
    ['--input-type=module', '-e', `const it = await import(${JSON.stringify(join(scripts, 'tfjs', file))})\n${text}`],
    env,
  )

test('the script and the back end agree on the folder', () => {
  const before = { ...process.env }
  try {
    for (const env of [{}, { XDG_CACHE_HOME: '/caches' }, { VITRINE_TFJS: '/a/folder', XDG_CACHE_HOME: '/caches' }]) {
      Object.assign(process.env, { VITRINE_TFJS: '', XDG_CACHE_HOME: '' }, env)
      expect(setup(['--where'], env).stdout.trim()).toBe(tfjsFolder())
    }
    expect(tfjsFolder()).toBe('/a/folder')
    Object.assign(process.env, { VITRINE_TFJS: '', XDG_CACHE_HOME: '' })
    expect(tfjsFolder()).toBe(join(homedir(), '.cache', 'vitrine', 'tfjs'))
  } finally {
    Object.assign(process.env, before)
  }
})

test('--check says what is not there and changes nothing', () => {
  const { status, stdout, stderr } = setup(['--check'], { VITRINE_TFJS: join(folder, 'nowhere') })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain(`setup:tfjs: tfjs-node in ${join(folder, 'nowhere')}: it is not installed`)
})

test('unknown options are refused', () => {
  for (const args of [['--bild'], ['--build', '--check']]) {
    const { status, stderr } = setup(args)
    expect(status).toBe(2)
    expect(stderr).toContain('usage:')
  }
})

test('everything that is missing is told at once, with the way to get it', () => {
  const tools = { PYTHON: '/no/python', CXX: '/no/compiler', VITRINE_TFJS: folder }
  const { stdout, stderr } = withFile('machine.mjs', 'console.log(JSON.stringify(it.missing()))', tools)
  expect(stderr).toBe('')
  const faults: unknown = JSON.parse(stdout)
  expect(faults).toContainEqual(expect.stringMatching(/^\/no\/python: install Python 3 with pip/))
  expect(faults).toContainEqual(expect.stringMatching(/^\/no\/compiler: .*apt install g\+\+/))
})

test('other platforms are told what they are', () => {
  const pretend = (name: string, value: string) =>
    `Object.defineProperty(process, '${name}', { value: '${value}' }); console.log(it.unsupported())`
  expect(withFile('machine.mjs', pretend('arch', 'arm64')).stdout).toContain(
    'is for Linux on x86-64; this is linux-arm64',
  )
  expect(withFile('machine.mjs', pretend('platform', 'darwin')).stdout).toContain('this is darwin-')
})

test('two set-ups do not work in one folder at the same time; one that was killed does not block the next', () => {
  const twice = 'await it.withFolder(() => it.withFolder(() => console.log("both"))).catch(e => console.log(e.message))'
  const { stdout } = withFile('folder.mjs', twice, { VITRINE_TFJS: folder })
  expect(stdout).toMatch(/^another set-up \(process \d+\) is at work in /)
  writeFileSync(join(folder, 'setup.lock'), '99999999')
  const after = withFile('folder.mjs', 'await it.withFolder(() => console.log("done"))', { VITRINE_TFJS: folder })
  expect(after.stdout).toBe('done\n')
})
