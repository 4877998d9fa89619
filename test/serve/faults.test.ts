// Errors on their way from the computing thread to the client, and warnings to the process.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ConfigError, InputError, pipeline, VitrineError } from '../../src/index.ts'
import { EngineFault, faultOf } from '../../src/serve/engine/fault.ts'
import { errorBody } from '../../src/serve/errorBody.ts'
import { ServeError, serveErrorOf } from '../../src/serve/serveError.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { critic, guesser, poet, post, ready, shipped } from './serving.ts'

/** An error as it leaves the other thread. */
const crossed = (error: unknown): EngineFault => new EngineFault(structuredClone(faultOf(error)))

test('errors cross threads with name, code, message and plain fields', () => {
  const fault = crossed(new InputError('TOO_LONG', 'too long', { hint: 'cut it', tokens: 9, cause: () => 1 }))
  expect(fault).toBeInstanceOf(VitrineError)
  expect(fault).toMatchObject({
    name: 'InputError',
    code: 'TOO_LONG',
    message: 'too long (cut it)',
    fields: { tokens: 9 },
  })
  expect(crossed(new DOMException('gone', 'AbortError')).code).toBe('ABORTED')
  expect(crossed(new TypeError('x is undefined'))).toMatchObject({ name: 'TypeError', code: 'INTERNAL' })
  expect(crossed('text')).toMatchObject({ code: 'INTERNAL', message: 'text' })
})

test.each([
  [new InputError('TEXT_TYPE', 'm'), 400, 'TEXT_TYPE'],
  [new ConfigError('OPTION_VALUE', 'm', { option: 'top_k' }), 400, 'OPTION_VALUE'],
  [new VitrineError('OUT_OF_MEMORY', 'm'), 500, 'OUT_OF_MEMORY'],
  [new VitrineError('ENGINE_CLOSED', 'm'), 503, 'ENGINE_CLOSED'],
  [new TypeError('secret'), 500, 'INTERNAL'],
])('%s becomes a status, here and from the other thread', (error, status, code) => {
  for (const each of [error, crossed(error)]) {
    const told = serveErrorOf(each)
    expect([told.status, told.code]).toEqual([status, code])
    expect(told.message).not.toContain('secret')
  }
})

test('errors have the form of the API that was called', () => {
  const error = new ServeError(503, 'LOADING', 'm', { body: { estimated_time: 2 }, param: 'x' })
  const hugging = { error: 'm', error_type: 'overloaded', code: 'LOADING', estimated_time: 2 }
  expect(errorBody(error, '/models/m')).toEqual(hugging)
  expect(errorBody(error, '/v1/completions')).toMatchObject({
    error: { type: 'server_error', param: 'x', code: 'LOADING' },
  })
})

test('a warning of the computing thread is a warning of the process', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const server = await ready([shipped(poet)])
  await post(server, `/models/${poet}`, { inputs: '山', parameters: { max_new_tokens: 1 } })
  const wanted = { type: 'VitrineWarning', code: 'PROMPT_ENDS' }
  await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(expect.stringContaining('[SEP]'), wanted))
  warn.mockRestore()
})

test('embeddings of a sentence-transformers folder are pooled as it says', async () => {
  const extractor = await pipeline('feature-extraction', shipped(guesser))
  const folderWith = (pooling: object, modules?: readonly string[]): string => {
    const folder = temporaryFolder()
    cpSync(shipped(guesser), folder, { recursive: true })
    mkdirSync(join(folder, '1_Pooling'))
    writeFileSync(join(folder, '1_Pooling', 'config.json'), JSON.stringify(pooling))
    const types = modules?.map(name => ({ type: `sentence_transformers.models.${name}` }))
    if (types) writeFileSync(join(folder, 'modules.json'), JSON.stringify(types))
    return folder
  }
  const server = await ready([
    { name: 'cls', folder: folderWith({ pooling_mode_cls_token: true }, ['Transformer', 'Pooling', 'Normalize']) },
    { name: 'last', folder: folderWith({ pooling_mode_lasttoken: true }) },
    { name: 'mean', folder: folderWith({ pooling_mode_mean_tokens: true }, ['Transformer', 'Pooling']) },
    shipped(critic),
  ])
  const wanted = {
    cls: await extractor('酒店', { pooling: 'cls', normalize: true }),
    last: await extractor('酒店', { pooling: 'last_token', normalize: true }),
    mean: await extractor('酒店', { pooling: 'mean' }),
  }
  for (const [model, [vector]] of Object.entries(wanted)) {
    const { body } = await post(server, '/v1/embeddings', { model, input: '酒店' })
    for (const [i, x] of vector!.entries()) expect(body.data[0].embedding[i], model).toBeCloseTo(x, 5)
  }
})
