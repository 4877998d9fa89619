// A golden model folder with other tensors.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSafetensors } from '../../src/checkpoint/safetensors.ts'
import { type NamedTensors, writeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts'
import { goldenPath } from '../golden.ts'

export type FileEntry = [name: string, tensor: { dtype: 'F32'; shape: readonly number[]; data: Uint8Array }]

/** Copies the golden folder `name` to `folder`, with its tensors changed. */
export function changedFolder(folder: string, name: string, change: (entries: FileEntry[]) => NamedTensors): void {
  copyFileSync(goldenPath(`weights/${name}/config.json`), join(folder, 'config.json'))
  using file = openSafetensors(goldenPath(`weights/${name}/model.safetensors`))
  const entries = Array.from(file.tensors, ([key, { shape, byteLength }]): FileEntry => {
    const data = new Uint8Array(byteLength)
    file.source(key).read(data, 0)
    return [key, { dtype: 'F32', shape, data }]
  })
  writeSafetensors(join(folder, 'model.safetensors'), change(entries))
}
