// Files that people take for safetensors: each is called by its name, and no damaged safetensors file is.
import { describe, expect, it } from 'vitest'
import { parseSafetensors } from '../../src/checkpoint/safetensors.ts'
import { encodeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import { FileError } from '../../src/errors.ts'

function refusal(bytes: Uint8Array): FileError {
  try {
    parseSafetensors(bytes, 'model.safetensors')
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
  throw new Error('accepted')
}

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 548105171\n`

describe('files of other formats', () => {
  it.each([
    ['LFS_POINTER', pointer, /a git-lfs pointer.*git lfs pull/],
    ['NOT_SAFETENSORS', '<!DOCTYPE html><title>Sign in</title>', /an HTML page/],
    ['NOT_SAFETENSORS', '\xef\xbb\xbf\r\n  <HTML>\n<body>', /an HTML page/],
    ['NOT_SAFETENSORS', '<?xml version="1.0"?><Error>AccessDenied</Error>', /an HTML page/],
    ['NOT_SAFETENSORS', `PK\x03\x04\0\0\x08\x08${'\0'.repeat(60)}`, /a zip file.*PyTorch/],
    ['NOT_SAFETENSORS', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', /a Python pickle.*PyTorch/],
    ['NOT_SAFETENSORS', '\x80\x02ccollections\nOrderedDict\n', /a Python pickle/],
    ['NOT_SAFETENSORS', 'GGUF\x03\0\0\0\x10\0\0\0\0\0\0\0', /a GGUF file/],
    ['NOT_SAFETENSORS', '\x89HDF\r\n\x1a\n\0\0\0\0', /an HDF5 file/],
    ['NOT_SAFETENSORS', '{"error":"Repository not found"}', /JSON text.*server/],
    ['NOT_SAFETENSORS', ' \n[1, 2, 3, 4]', /JSON text/],
    ['NOT_SAFETENSORS', 'Entry not found', /not safetensors but text/],
  ])('%s: %j', (code, text, message) => {
    const error = refusal(Buffer.from(text, 'latin1'))
    expect([error.code, error.fields.file]).toEqual([code, 'model.safetensors'])
    expect(error.message).toMatch(message)
  })

  it.each([
    ['{', 0x7b],
    [' {', 0x7b20],
    ['a pickle', 0x0280],
    ['<', 0x3c],
    ['version', 0x6576],
  ])('are not seen in a cut file whose header length looks like %s', (_, length) => {
    const tensor = { dtype: 'U8', shape: [0], data: new Uint8Array(0) } as const
    const bytes = encodeSafetensors([['x', tensor]])
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length + 0x10000), true)
    expect(refusal(bytes).code).toBe('HEADER_LENGTH')
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
    expect(refusal(bytes.subarray(0, 20)).code).toBe('HEADER_LENGTH')
  })

  it('leave random bytes what they are', () => {
    expect(refusal(new Uint8Array(64).fill(0xf7)).code).toBe('HEADER_TOO_LARGE')
  })
})
