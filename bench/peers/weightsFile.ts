// The weights of a safetensors file for a peer that is given arrays: the whole file in memory, and views of it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface FileWeight {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Every float32 weight of FOLDER/model.safetensors by name. */
export function readWeights(folder: string): ReadonlyMap<string, FileWeight> {
  const bytes = readFileSync(join(folder, 'model.safetensors'))
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >
  const start = bytes.byteOffset + 8 + headerBytes
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    entries.map(
      ([
        name,
        {
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        return [name, { shape, values: new Float32Array(bytes.buffer, start + begin, (end - begin) / 4) }]
      },
    ),
  )
}
