// Headers as long as a header may be, made to cost time and memory: refused or read in little of either.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import { FileError } from '../../src/errors.ts'

/** The longest header there may be. */
const headerBytes = 100_000_000
const file = Buffer.alloc(8 + headerBytes, 0x20)
file.writeBigUInt64LE(BigInt(headerBytes))

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Kilobytes of memory the process has ever held; the file is among them. */
const heldBefore = process.resourceUsage().maxRSS

/** Opens the file with a header of `start`, then `repeated` as often as it fits, and `end` as its last byte. */
function codeOf(start: string, repeated: string, end: string): string {
  file.write(start, 8)
  file.fill(repeated, 8 + start.length)
  file.write(end, file.length - 1)
  try {
    parseSafetensors(file)
    return 'accepted'
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

const tensor = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]'
const manyTensors = Array.from({ length: 100_001 }, (_, i) => `"${i}":${tensor}}`).join(',')
const manyTexts = Array.from({ length: 100_001 }, (_, i) => `"${i}":""`).join(',')

describe('a header of 100 MB', () => {
  beforeEach(() => collectGarbage())

  it.each([
    ['tiny tensors', `{${manyTensors},`, `"x":${tensor}},`, '}', 'TOO_MANY_ENTRIES'],
    ['metadata', `{"__metadata__":{${manyTexts},`, '"x":"",', '}', 'TOO_MANY_ENTRIES'],
    ['dims', '{"a":{"shape":[', '1,', '1', 'BAD_SHAPE'],
    ['ignored values', `{"a":${tensor},"x":[`, '[],', ']', 'HEADER_JSON'],
    ['one name', '{"', 'x', '"', 'HEADER_JSON'],
    ['escapes in one name', '{" ', '\\n', '"', 'HEADER_JSON'],
  ])('full of %s is refused in bounded time and three times its memory', (_, start, repeated, end, code) => {
    const began = process.cpuUsage()
    expect(codeOf(start, repeated, end)).toBe(code)
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000)
    const held = (process.resourceUsage().maxRSS - heldBefore) * 1024
    expect(held).toBeLessThan(3 * headerBytes)
  })

  it('is not allocated before the file is known to hold it', () => {
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 50; i++) {
      expect(() => parseSafetensors(file.subarray(0, headerBytes))).toThrow(/claims a header of 100000000 bytes/)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(headerBytes)
  })
})
