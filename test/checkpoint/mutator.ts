// Damaged safetensors files in a fixed sequence: the same that scripts/golden/safetensors_verdicts.py shows to the Rust parser.
import { headerFile } from './headerFile.ts'

const entries = [
  '"__metadata__":{"format":"pt","a":"\\u00e9"}',
  '"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}',
  '"y":{"shape":[],"data_offsets":[8,10],"dtype":"F16"}',
  '"z":{"dtype":"U8","shape":[0,3],"data_offsets":[10,10],"extra":[1.5e3,{"a":null}]}',
  '"w":{"dtype":"I64","shape":[1],"data_offsets":[10,18]}',
]
/** Bytes of data that the first so many entries have. */
const sizes = [0, 0, 8, 10, 10, 18]
const pieces = [
  ...[
    '0',
    '1',
    '2',
    '8',
    '10',
    '16',
    '-',
    '.5',
    'e1',
    '-1',
    '1.0',
    '"',
    '\\',
    '\\n',
    '\\u12',
    '\\u0041',
    '\\ud800',
    '\\udc00',
  ],
  ...[
    '\\ud83d\\ude00',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '\n',
    '\t',
    '\0',
    '\x7f',
    'null',
    'true',
    'NaN',
    'é',
    '"dtype"',
    '"U8"',
  ],
  ...[
    '"F32"',
    '"BF16"',
    '"F4"',
    '"F8_E4M3"',
    '"shape"',
    '"data_offsets"',
    '[2,1]',
    '[1,2]',
    '[0,8]',
    '[8,10]',
    '"a":1,',
  ],
  ...['"dtype":"F32",', '[[', ']]', '"y"', '0,', ',0', '9007199254740992', '9007199254740991', '18446744073709551616'],
  ...['4294967296', '1e999', '01', '/*', '[]', '{}', ''],
]

/** xorshift32: whole numbers below a limit. */
function randomFrom(seed: number): (limit: number) => number {
  let x = seed
  return limit => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % limit
  }
}

/** `count` files; each has no to three faults in its header, and perhaps others in its bytes, its length and its end. */
export function* mutatedFiles(seed: number, count: number): Generator<Uint8Array> {
  const below = randomFrom(seed)
  for (let i = 0; i < count; i++) yield mutated(below)
}

function mutated(below: (limit: number) => number): Uint8Array {
  const count = below(6)
  const first = below(count + 1)
  let header = `{${[...entries.slice(first, count), ...entries.slice(0, first)].join(',')}}`
  for (let faults = below(4); faults > 0; faults--) {
    const at = below(header.length + 1)
    const cut = [0, 0, 1, 1, 2, 6][below(6)]!
    const piece = below(3) > 0 ? pieces[below(pieces.length)]! : ''
    header = header.slice(0, at) + piece + header.slice(at + cut)
  }
  const raw = Buffer.from(header)
  if (raw.length > 0 && below(8) === 0) {
    // In the order in which Python computes them: the value before the place.
    const value = below(256)
    raw[below(raw.length)] = value
  }
  const longer = below(20) === 0 ? [-1, 1, 8, 1 << 20][below(4)]! : 0
  const data = below(8) > 0 ? sizes[count]! : below(20)
  const file = Buffer.from(headerFile('', new Uint8Array(Buffer.concat([raw, Buffer.alloc(data)]))))
  file.writeBigUInt64LE(BigInt(Math.max(raw.length + longer, 0)))
  return new Uint8Array(below(25) === 0 ? file.subarray(0, below(file.length + 1)) : file)
}
