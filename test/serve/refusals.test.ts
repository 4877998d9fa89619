// What a server must refuse, and survive: foreign hosts, wrong tokens, bodies that are none, requests that cannot be.
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serve, VitrineError } from '../../src/index.ts'
import { checkHost } from '../../src/serve/hosts.ts'
import { goldenPath } from '../golden.ts'
import { critic, get, poet, post, ready, shipped, started, tiny } from './serving.ts'

const server = await ready([shipped(critic), shipped(poet), tiny('bert-mlm')], { bodyLimit: 20_000 })
const classify = `/models/${critic}`
const good = { inputs: '很好' }

/** Sends bytes as they are, and reads all that comes back. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end(text))
    let answer = ''
    socket.on('data', data => {
      answer += data.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

const withHost = (host: string) =>
  raw(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`).then(answer => answer.slice(9, 12))

test('a host that is no address and not localhost is not served: DNS rebinding', async () => {
  for (const host of ['localhost', '127.0.0.1:80', '[::1]:8080', 'LOCALHOST:1', '192.168.1.7'])
    expect(await withHost(host), host).toBe('200')
  const foreign = ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', 'localhost@evil', '', '[::1', 'a:b:c']
  for (const host of foreign) expect(await withHost(host), host).toBe('403')
  expect(() => checkHost('models.example.org:80', ['models.example.org'])).not.toThrow()
  expect(() => checkHost(undefined, [])).toThrow(expect.objectContaining({ code: 'HOST', status: 403 }))
})

test('allowedHosts names more hosts', async () => {
  const other = await started([shipped(critic)], { allowedHosts: ['models.example.org'] })
  const answer = await new Promise<string>(resolve => {
    const socket = connect(other.port, '127.0.0.1', () =>
      socket.end('GET /livez HTTP/1.1\r\nHost: models.example.org\r\nConnection: close\r\n\r\n'),
    )
    socket.on('data', data => resolve(data.toString()))
  })
  expect(answer).toMatch(/^HTTP\/1\.1 200/)
})

test.each([
  ['no JSON', classify, '{', 400, 'BAD_REQUEST'],
  ['an array', classify, '[]', 400, 'BAD_REQUEST'],
  ['null', classify, 'null', 400, 'BAD_REQUEST'],
  ['an empty body', classify, '', 400, 'BAD_REQUEST'],
  ['deep nesting', classify, `{"inputs":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400, 'BAD_REQUEST'],
  ['a body above the limit', classify, { inputs: 'x'.repeat(20_000) }, 413, 'BODY_TOO_LARGE'],
  ['no inputs', classify, {}, 400, 'EMPTY_INPUT'],
  ['inputs of a wrong type', classify, { inputs: 5 }, 400, 'TEXT_TYPE'],
  ['a field that is none', classify, { ...good, paramters: {} }, 400, 'BAD_REQUEST'],
  ['an option that is none', classify, { ...good, options: { wait: true } }, 400, 'BAD_REQUEST'],
  ['an option of a wrong type', classify, { ...good, options: { wait_for_model: 1 } }, 400, 'BAD_REQUEST'],
  ['a parameter that is none', classify, { ...good, parameters: { topk: 1 } }, 400, 'UNKNOWN_OPTION'],
  [
    '__proto__ as a parameter',
    classify,
    '{"inputs":"a","parameters":{"__proto__":{"top_k":1}}}',
    400,
    'UNKNOWN_OPTION',
  ],
  ['a parameter that cannot be', classify, { ...good, parameters: { top_k: -1 } }, 400, 'OPTION_VALUE'],
  ['a signal as a parameter', classify, { ...good, parameters: { signal: {} } }, 400, 'PARAMETER'],
  ['a task it does not do', `${classify}/pipeline/fill-mask`, good, 400, 'TASK'],
  ['a task that is none', `${classify}/pipeline/translation`, good, 400, 'TASK'],
  ['a stream of labels', classify, { ...good, stream: true }, 400, 'PARAMETER'],
  ['too many inputs', classify, { inputs: new Array(1025).fill('a') }, 400, 'TOO_MANY'],
  ['a text that is too long', classify, { inputs: '很'.repeat(2000) }, 400, 'TOO_LONG'],
  ['a model that is not there', '/models/gpt5', good, 404, 'MODEL'],
  ['a model named constructor', '/models/constructor', good, 404, 'MODEL'],
  ['a path outside', '/models/../../etc/passwd', good, 404, 'PATH'],
  ['a coded path outside', '/models/%2e%2e%2fsecret', good, 404, 'MODEL'],
  ['a path that cannot be decoded', '/models/%ff', good, 404, 'PATH'],
  ['no such path', '/generate', good, 404, 'PATH'],
  ['a path for reading', '/healthz', good, 405, 'METHOD'],
  ['scores over HTTP', `/models/${poet}`, { inputs: 'a', parameters: { output_scores: true } }, 400, 'PARAMETER'],
  ['too many beams', `/models/${poet}`, { inputs: 'a', parameters: { num_beams: 1e6 } }, 400, 'PARAMETER'],
  ['too many answers', `/models/${poet}`, { inputs: 'a', parameters: { num_return_sequences: 129 } }, 400, 'PARAMETER'],
  [
    'a stream of beams',
    `/models/${poet}`,
    { inputs: 'a', parameters: { num_beams: 2 }, stream: true },
    400,
    'STREAM_BEAMS',
  ],
  ['a stream of two', `/models/${poet}`, { inputs: ['a', 'b'], stream: true }, 400, 'PARAMETER'],
  ['details of a list', `/models/${poet}`, { inputs: ['a'], parameters: { details: true } }, 400, 'PARAMETER'],
  ['a grammar', `/models/${poet}`, { inputs: 'a', parameters: { grammar: { type: 'json' } } }, 400, 'PARAMETER'],
  [
    'likely tokens without number',
    `/models/${poet}`,
    { inputs: 'a', parameters: { details: true, top_n_tokens: 'all' } },
    400,
    'PARAMETER',
  ],
  ['tensors', `${classify}/pipeline/feature-extraction`, { ...good, return_tensors: true }, 400, 'PARAMETER'],
  ['a named prompt', `${classify}/pipeline/feature-extraction`, { ...good, prompt_name: 'q' }, 400, 'PARAMETER'],
  [
    'cutting at the left',
    `${classify}/pipeline/feature-extraction`,
    { ...good, truncation_direction: 'Left' },
    400,
    'PARAMETER',
  ],
  ['no mask', '/models/bert-mlm', { inputs: 'a' }, 400, 'NO_MASK'],
] as const)('%s is refused', async (_, path, body, status, code) => {
  const answer = await post(server, path, body)
  expect(answer.body).toMatchObject({ code, error: expect.any(String) })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await post(server, classify, good)).status).toBe(200)
})

test('the body must be JSON by its type, whole, and not compressed', async () => {
  const send = async (headers: Record<string, string>) =>
    (await fetch(server.url + classify, { method: 'POST', headers, body: JSON.stringify(good) })).status
  expect(await send({ 'Content-Type': 'application/json; charset=utf-8' })).toBe(200)
  expect(await send({ 'Content-Type': 'text/plain' })).toBe(415)
  expect(await send({ 'Content-Type': 'application/x-www-form-urlencoded' })).toBe(415)
  expect(await send({ 'Content-Type': 'application/json; charset=utf-16' })).toBe(415)
  expect(await send({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })).toBe(415)
  const bytes = await fetch(server.url + classify, {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
    body: Uint8Array.from([0x22, 0xff, 0x22]),
  })
  const { error } = (await bytes.json()) as { error: string }
  expect([bytes.status, error]).toEqual([400, 'the body is not valid JSON: it is not UTF-8'])
})

test('a body without a length is stopped at the limit too', async () => {
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
  const head = `POST ${classify} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
  const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`)
  expect(answer).toMatch(/^HTTP\/1\.1 413/)
})

test('what is no HTTP at all leaves the server up', async () => {
  for (const text of [
    '',
    'GET',
    '\u0000\u0001\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    await raw(text).catch(() => {})
  }
  expect((await get(server, '/healthz')).status).toBe(200)
})

test('any JSON is answered with a status, and the next request is served', async () => {
  const paths = [classify, `/models/${poet}`, '/models/bert-mlm', '/v1/completions', '/v1/embeddings']
  const fields = fc.dictionary(
    fc.constantFrom('inputs', 'parameters', 'options', 'stream', 'model', 'prompt', 'input', 'n', 'stop', 'x'),
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(critic, poet, '[MASK]', ['a', 'b'])),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fields, async (path, body) => {
      const { status } = await post(server, path, { max_tokens: 2, parameters: { max_new_tokens: 2 }, ...body })
      expect([200, 400, 404, 415]).toContain(status)
    }),
    { numRuns: 150, seed: 20261125 },
  )
  expect((await post(server, classify, good)).status).toBe(200)
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('with a token nobody else is answered, but health is open', async () => {
  const locked = await ready([shipped(critic)], { token: 'open-sesame' })
  const status = async (authorization?: string) => {
    const answer = await post(locked, classify, good, authorization ? { headers: { authorization } } : {})
    return [answer.status, answer.headers.get('www-authenticate')]
  }
  expect(await status()).toEqual([401, 'Bearer'])
  for (const wrong of ['Bearer open', 'Bearer open-sesame-2', 'Basic open-sesame', 'open-sesame', 'Bearer ']) {
    expect((await status(wrong))[0], wrong).toBe(401)
  }
  expect(await status('Bearer open-sesame')).toEqual([200, null])
  expect(await status('bearer open-sesame')).toEqual([200, null])
  expect((await get(locked, '/healthz')).status).toBe(200)
  expect((await get(locked, '/livez')).status).toBe(200)
  expect((await get(locked, '/metrics')).status).toBe(401)
})

test.each([
  [[], {}, 'NO_MODEL'],
  [[shipped(critic), shipped(critic)], {}, 'DUPLICATE_MODEL'],
  [[{ name: 'a b', folder: 'x' }], {}, 'MODEL_NAME'],
  [['../..=x'], {}, 'MODEL_NAME'],
  [['x'], { prot: 1 }, 'UNKNOWN_OPTION'],
  [['x'], { port: 70_000 }, 'OPTION_VALUE'],
  [['x'], { parallel: 0 }, 'OPTION_VALUE'],
  [['x'], { queue: -1 }, 'OPTION_VALUE'],
  [['x'], { bodyLimit: 0.5 }, 'OPTION_VALUE'],
  [['x'], { backend: 'gpu' }, 'OPTION_VALUE'],
  [['x'], { token: 'two words' }, 'OPTION_VALUE'],
] as const)('serve(%j, %j) is refused', async (models, options, code) => {
  await expect(serve(models, options as object)).rejects.toMatchObject({ code })
})

test('a model that cannot be loaded is an error of ready(), and of each request for it', async () => {
  const broken = await started([{ name: 'none', folder: goldenPath('weights/none') }, shipped(critic)])
  await expect(broken.ready()).rejects.toBeInstanceOf(VitrineError)
  const { status, body } = await post(broken, '/models/none', { ...good, options: { wait_for_model: true } })
  expect([status, body.code]).toEqual([500, 'FOLDER_MISSING'])
  expect((await post(broken, classify, { ...good, options: { wait_for_model: true } })).status).toBe(200)
  const health = await get(broken, '/healthz')
  expect([health.status, health.body.models]).toEqual([503, { none: 'failed', [critic]: 'loaded' }])
})

test('a port that is taken is the error of listening', async () => {
  await expect(serve([shipped(critic)], { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
