// Twenty thousand damaged files: Vitrine reads the ones that the Rust reference reads, but for its stricter rules.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import { FileError } from '../../src/errors.ts'
import { golden } from '../golden.ts'
import { mutatedFiles } from './mutator.ts'

const record = golden<{ seed: number; count: number; read: number; sha256: string; verdicts: string }>(
  'safetensors/verdicts.json',
)

/** Codes of rules that the reference does not have: a name twice, sizes above 2^53 - 1. */
const stricter = ['DUPLICATE_KEY', 'OVERFLOW']

function codeOf(file: Uint8Array): string {
  try {
    parseSafetensors(file)
    return 'read'
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

test('verdicts on 20,000 damaged files', () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const verdicts = Buffer.from(record.verdicts, 'base64')
  const digest = createHash('sha256')
  const disagreements: string[] = []
  const counts = new Map<string, number>()
  let number = 0
  for (const file of mutatedFiles(record.seed, record.count)) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(file.length)
    digest.update(length).update(file)
    const isRead = ((verdicts[number >> 3]! >> (number & 7)) & 1) === 1
    const code = codeOf(file)
    const kind = isRead && stricter.includes(code) ? `stricter ${code}` : code
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (isRead !== (code === 'read') && kind === code) {
      disagreements.push(
        `${number}: ${code}, Rust ${isRead ? 'reads it' : 'refuses'}: ${Buffer.from(file).toString('latin1')}`,
      )
    }
    number++
  }
  expect(digest.digest('hex')).toBe(record.sha256)
  expect(number).toBe(20_000)
  expect(disagreements).toEqual([])
  const strict = [...counts].filter(([kind]) => kind.startsWith('stricter')).reduce((sum, [, count]) => sum + count, 0)
  expect(counts.get('read')).toBe(record.read - strict)
  expect(strict).toBeLessThan(200)
  // Faults of nearly every kind are among them.
  expect(counts.size).toBeGreaterThan(15)
  expect(record.read).toBeGreaterThan(2000)
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
})
