// Properties of the JSON files of a model folder: whatever the bytes, a typed error or the value that JSON.parse gives.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { readJson } from '../../src/checkpoint/folder.ts'
import { parseJson } from '../../src/checkpoint/jsonValue.ts'
import { FileError } from '../../src/errors.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const before = Object.getOwnPropertyNames(Object.prototype)
afterAll(() => expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before))

const refused = Symbol('refused')

function parsed(bytes: Uint8Array): unknown {
  const fault = ({ message }: { message: string }) => new FileError('JSON', message)
  try {
    return parseJson(bytes, fault, () => undefined)
  } catch (error) {
    if (error instanceof FileError) return refused
    throw error
  }
}

/** Ours must be JSON.parse's value; it may refuse what JSON.parse takes (lone surrogates, numbers above float64). */
function check(bytes: Uint8Array): void {
  const ours = parsed(bytes)
  if (ours === refused) return
  expect(ours).toEqual(JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)))
}

const good = new TextEncoder().encode('{"a":[1,-2.5e3,true,null,"\\u00e9\\n"],"__proto__":{"b":{}},"c":""}')

it('any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), check), { seed: 1, numRuns: 2000 })
})

it('any JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      const bytes = new TextEncoder().encode(text)
      if (!/\\ud[89a-f]/i.test(text)) expect(parsed(bytes)).toEqual(JSON.parse(text))
    }),
    { seed: 2, numRuns: 1000 },
  )
})

it('a text cut at any place is refused, one with another byte gives an error or its value', () => {
  for (let at = 0; at < good.length; at++) {
    expect(parsed(good.slice(0, at))).toBe(refused)
    for (const value of [0, 9, 0x20, 0x22, 0x2c, 0x2e, 0x30, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xff])
      check(good.with(at, value))
  }
})

it('files of a folder give a typed error or an object', () => {
  const folder = join(temporaryFolder(), 'model')
  mkdirSync(folder)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 30 }),
        fc.json().map(text => new TextEncoder().encode(text)),
      ),
      bytes => {
        writeFileSync(join(folder, 'config.json'), bytes)
        try {
          expect(readJson(folder, 'config.json')).toBeTypeOf('object')
        } catch (error) {
          expect(error).toBeInstanceOf(FileError)
        }
      },
    ),
    { seed: 3, numRuns: 500 },
  )
})
