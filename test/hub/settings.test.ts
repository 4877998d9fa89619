// What the environment and the options say together.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { hubOptions } from '../../src/hub/options.ts'
import { isPrivate } from '../../src/hub/request.ts'
import { hubSettings } from '../../src/hub/settings.ts'
import { sizeText } from '../../src/hub/sizeText.ts'

const home = mkdtempSync(join(tmpdir(), 'vitrine-home-'))
writeFileSync(join(home, 'token'), 'hf_file\n')
afterAll(() => rmSync(home, { recursive: true, force: true }))

test.each([
  [{}, join(homedir(), '.cache/huggingface/hub')],
  [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
  [{ HF_HOME: '/h', XDG_CACHE_HOME: '/x' }, '/h/hub'],
  [{ HF_HOME: '~/h' }, join(homedir(), 'h/hub')],
  [{ HF_HUB_CACHE: '/c', HF_HOME: '/h' }, '/c'],
  [{ HUGGINGFACE_HUB_CACHE: '/c', HF_HOME: '/h' }, '/c'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as a shell has it
  [{ HF_HUB_CACHE: '$A/${B}/$C', A: '/a', B: 'b' }, '/a/b/$C'],
])('%j keeps models in %s', (env, folder) => {
  expect(hubSettings({}, env).cacheDir).toBe(resolve(folder))
})

test('cache_dir comes before all of them', () => {
  expect(hubSettings({ cache_dir: 'here' }, { HF_HUB_CACHE: '/c' }).cacheDir).toBe(resolve('here'))
})

test.each([
  [undefined, 'https://huggingface.co'],
  ['', 'https://huggingface.co'],
  ['https://hf-mirror.com/', 'https://hf-mirror.com'],
  ['http://127.0.0.1:8080/hub/', 'http://127.0.0.1:8080/hub'],
])('HF_ENDPOINT=%s is %s', (HF_ENDPOINT, endpoint) => {
  expect(hubSettings({}, { HF_ENDPOINT }).endpoint).toBe(endpoint)
})

test.each(['hf-mirror.com', 'file:///models', 'ftp://a', 'https://user:secret@a', 'https://a?b', 'https://a#b'])(
  'HF_ENDPOINT=%s is refused',
  HF_ENDPOINT => {
    expect(() => hubSettings({}, { HF_ENDPOINT })).toThrow(expect.objectContaining({ code: 'HUB_ENDPOINT' }))
  },
)

test.each([
  [{}, { HF_HUB_OFFLINE: '1' }, true],
  [{}, { TRANSFORMERS_OFFLINE: 'yes' }, true],
  [{}, { HF_HUB_OFFLINE: 'ON' }, true],
  [{}, { HF_HUB_OFFLINE: '0' }, false],
  [{ local_files_only: true }, {}, true],
  [{ local_files_only: false }, { HF_HUB_OFFLINE: '1' }, true],
])('%j and %j: offline is %s', (options, env, isOffline) => {
  expect(hubSettings(options, env).isOffline).toBe(isOffline)
})

const mirror = { HF_ENDPOINT: 'https://hf-mirror.com' }
test.each([
  ['the saved one', undefined, { HF_TOKEN: ' hf_env\n', HF_HOME: home }, 'hf_env'],
  ['its older name', undefined, { HUGGING_FACE_HUB_TOKEN: 'hf_old', HF_HOME: home }, 'hf_old'],
  ['the file', undefined, { HF_HOME: home }, 'hf_file'],
  ['the file elsewhere', undefined, { HF_HOME: '/no', HF_TOKEN_PATH: join(home, 'token') }, 'hf_file'],
  ['none', undefined, { HF_HOME: '/no' }, undefined],
  ['true is the saved one', true, { HF_HOME: home }, 'hf_file'],
  ['false is none', false, { HF_TOKEN: 'hf_env' }, undefined],
  ['the given one', 'hf_given', { HF_TOKEN: 'hf_env' }, 'hf_given'],
  ['not unless asked for', undefined, { HF_TOKEN: 'hf_env', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }, undefined],
  ['asked for', true, { HF_TOKEN: 'hf_env', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }, 'hf_env'],
  ['a saved one is not for a mirror', undefined, { HF_TOKEN: 'hf_env', HF_HOME: home, ...mirror }, undefined],
  ['not even then', true, { HF_TOKEN: 'hf_env', ...mirror }, undefined],
  ['a given one is', 'hf_given', mirror, 'hf_given'],
  ['and offline there is none', 'hf_given', { HF_HUB_OFFLINE: '1' }, undefined],
])('token: %s', (_, token, env, wanted) => {
  expect(hubSettings(token === undefined ? {} : { token }, env).token).toBe(wanted)
})

test('a token that is none is refused, and is in no message', () => {
  const wrong = { HF_TOKEN: 'hf_a b', HF_HOME: '/no' }
  expect(() => hubSettings({}, wrong)).toThrow(expect.objectContaining({ code: 'HUB_TOKEN' }))
  expect(() => hubSettings({}, wrong)).not.toThrow('hf_a')
  expect(() => hubSettings({ token: 'x\r\nHost: y' }, {})).toThrow(expect.objectContaining({ code: 'HUB_TOKEN' }))
  expect(() => hubSettings({ token: true }, { HF_HOME: '/no' })).toThrow('no token is saved')
})

test('how long to wait', () => {
  const waits = (env: Record<string, string>) => {
    const { answerTimeout, idleTimeout } = hubSettings({}, env)
    return [answerTimeout, idleTimeout]
  }
  expect(waits({})).toEqual([10_000, 10_000])
  expect(waits({ HF_HUB_ETAG_TIMEOUT: '3', HF_HUB_DOWNLOAD_TIMEOUT: '60' })).toEqual([3000, 60_000])
  expect(waits({ HF_HUB_ETAG_TIMEOUT: 'soon', HF_HUB_DOWNLOAD_TIMEOUT: '-1' })).toEqual([10_000, 10_000])
})

test.each([
  ['cache_dir', 5],
  ['cache_dir', ''],
  ['revision', true],
  ['subfolder', 1],
  ['local_files_only', 'yes'],
  ['token', 7],
  ['force_download', 1],
  ['progress_callback', 'x'],
  ['signal', {}],
])('%s: %j is refused', (option, value) => {
  const wrong = () => hubOptions({ [option]: value })
  expect(wrong).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'OPTION_VALUE', fields: { option } }))
})

test('options of others pass, and null is as good as nothing', () => {
  const [own, others] = hubOptions({ revision: 'x', cache_dir: null, token: undefined, num_labels: 3 })
  expect([own, others]).toEqual([{ revision: 'x' }, { num_labels: 3 }])
})

test.each([
  'localhost',
  'a.localhost',
  '127.0.0.1',
  '127.9.9.9',
  '10.1.1.1',
  '172.16.0.1',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[fd00::1]',
  '[fe80::1]',
  '[::ffff:7f00:1]',
])('%s is in the own network', host => {
  expect(isPrivate(host)).toBe(true)
})

test.each(['huggingface.co', '8.8.8.8', '172.32.0.1', '169.1.1.1', '[2606:4700::1]', '10.example.com'])(
  '%s is outside',
  host => {
    expect(isPrivate(host)).toBe(false)
  },
)

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1234, '1.2 kB'],
  [99_940, '99.9 kB'],
  [99_960, '100 kB'],
  [999_499, '999 kB'],
  [999_600, '1.0 MB'],
  [409_000_000, '409 MB'],
  [2 ** 52, '4.5 PB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})
