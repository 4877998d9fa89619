// Files of many gigabytes, which are mostly holes: opened at once, read where it is asked, in 64-bit places.
import fs from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Crc32 } from '../../src/checkpoint/pytorch/crc32.ts'
import { openPytorch } from '../../src/checkpoint/pytorch.ts'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const folder = temporaryFolder()
/** Floats of the large tensor: 5 GB of them. */
const count = 1_250_000_000

function writeAt(fd: number, bytes: Uint8Array, position: number): number {
  fs.writeSync(fd, bytes, 0, bytes.length, position)
  return position + bytes.length
}

test('safetensors of 5 GB', () => {
  const path = join(folder, 'large.safetensors')
  const header = Buffer.from(
    `{"large":{"dtype":"F32","shape":[${count}],"data_offsets":[0,${4 * count}]},"last":{"dtype":"U8","shape":[1],"data_offsets":[${4 * count},${4 * count + 1}]}}`,
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const fd = fs.openSync(path, 'w')
  const start = writeAt(fd, Buffer.concat([length, header]), 0)
  writeAt(fd, new Uint8Array([7]), start + 4 * count)
  fs.closeSync(fd)
  const began = performance.now()
  using file = openSafetensors(path)
  const byte = new Uint8Array(1)
  file.source('last').read(byte, 0)
  expect(byte[0]).toBe(7)
  expect(performance.now() - began).toBeLessThan(1000)
})

/** Little-endian numbers: 2 and 4 bytes as they are, bigint in 8. */
function fields(...values: readonly (readonly [width: 2 | 4, value: number] | bigint)[]): Buffer {
  return Buffer.concat(
    values.map(field => {
      const bytes = Buffer.alloc(typeof field === 'bigint' ? 8 : field[0])
      if (typeof field === 'bigint') bytes.writeBigUInt64LE(field)
      else if (field[0] === 2) bytes.writeUInt16LE(field[1])
      else bytes.writeUInt32LE(field[1])
      return bytes
    }),
  )
}

test('pytorch_model.bin of 5 GB: sizes and places in 64 bits', () => {
  const path = join(folder, 'large.bin')
  const long = Buffer.concat([Buffer.from('\x8a\x05', 'latin1'), fields(BigInt(count)).subarray(0, 5)]).toString(
    'latin1',
  )
  const pickle = Buffer.from(
    `\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu${long}tQK\0${long}\x85K\x01\x85\x89}tRs.`,
    'latin1',
  )
  const sum = new Crc32()
  sum.add(pickle)
  const [size, unknown] = [BigInt(4 * count), 0xffffffff]
  const local = (name: string): Buffer =>
    Buffer.concat([
      fields([4, 0x04034b50], [2, 45], [2, 8], [2, 0], [4, 0], [4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]),
      Buffer.from(name),
    ])
  const listed = (name: string, crc: number, bytes: bigint, place: bigint): Buffer =>
    Buffer.concat([
      fields(
        [4, 0x02014b50],
        [2, 45],
        [2, 45],
        [2, 8],
        [2, 0],
        [4, 0],
        [4, crc],
        [4, unknown],
        [4, unknown],
        [2, name.length],
        [2, 28],
      ),
      fields([2, 0], [2, 0], [2, 0], [4, 0], [4, unknown]),
      Buffer.from(name),
      fields([2, 1], [2, 24], bytes, bytes, place),
    ])
  const fd = fs.openSync(path, 'w')
  let at = writeAt(fd, Buffer.concat([local('a/data/0')]), 0)
  at = writeAt(fd, Buffer.from(new Float32Array([2.5]).buffer), at + 4 * (count - 1))
  const second = at
  at = writeAt(fd, Buffer.concat([local('a/data.pkl'), pickle]), at)
  const list = Buffer.concat([
    listed('a/data/0', 0, size, 0n),
    listed('a/data.pkl', sum.value, BigInt(pickle.length), BigInt(second)),
  ])
  const [start, end] = [at, at + list.length]
  at = writeAt(fd, list, at)
  at = writeAt(
    fd,
    fields([4, 0x06064b50], 44n, [2, 45], [2, 45], [4, 0], [4, 0], 2n, 2n, BigInt(list.length), BigInt(start)),
    at,
  )
  at = writeAt(fd, fields([4, 0x07064b50], [4, 0], BigInt(end), [4, 1]), at)
  writeAt(fd, fields([4, 0x06054b50], [2, 0], [2, 0], [2, 0xffff], [2, 0xffff], [4, unknown], [4, unknown], [2, 0]), at)
  fs.closeSync(fd)
  const began = performance.now()
  using file = openPytorch(path)
  expect(file.tensors.get('w')).toEqual({ dtype: 'F32', shape: [count], byteLength: 4 * count })
  const last = new Float32Array(1)
  file.source('w').read(new Uint8Array(last.buffer), 4 * (count - 1))
  expect(last[0]).toBe(2.5)
  expect(performance.now() - began).toBeLessThan(1000)
})

test('a file that becomes shorter after it was opened gives an error, not other memory', () => {
  const path = join(folder, 'shrinks.bin')
  fs.copyFileSync(new URL('../golden/weights/gpt2-lm/bin/pytorch_model.bin', import.meta.url), path)
  using file = openPytorch(path)
  fs.truncateSync(path, 5000)
  const target = new Uint8Array(file.tensors.get('transformer.wpe.weight')!.byteLength)
  expect(() => file.source('transformer.wpe.weight').read(target, 0)).toThrow(
    expect.objectContaining({ code: 'TRUNCATED' }),
  )
})
