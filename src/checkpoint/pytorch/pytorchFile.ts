// A pytorch_model.bin opened for reading: a zip file with a pickle that names tensors, and a record for each storage. Nothing in
// it is ever run. Knows nothing of disks.
import { bytesOf, type TensorSource } from '../../dtype.ts'
import type { ByteSource } from '../byteSource.ts'
import { quoted } from '../headerFault.ts'
import { missingTensor } from '../missingTensor.ts'
import type { WeightInfo, Weights } from '../weights.ts'
import type { TensorView } from './pickleValue.ts'
import { pytorchFaultIn } from './pytorchFault.ts'
import { stateDictOf } from './stateDict.ts'
import { mostPickleBytes, unpickle } from './unpickler.ts'
import { viewSource } from './viewSource.ts'
import { checkZipEntry, readZip, type ZipEntry } from './zipFile.ts'

interface Content {
  readonly entries: ReadonlyMap<string, ZipEntry>
  readonly views: ReadonlyMap<string, TensorView>
  /** The folder in the zip file that everything lies in. */
  readonly root: string
}

/** The tensors of one file. Its sources read until `close`. */
export class PytorchFile implements Weights {
  readonly name: string
  readonly tensors: ReadonlyMap<string, WeightInfo>
  /** None: pickles have no room for it. */
  readonly metadata: ReadonlyMap<string, string> = new Map()
  readonly aliases: ReadonlyMap<string, string>
  readonly #bytes: ByteSource
  readonly #content: Content

  /**
   * Reads the list of entries and the pickle from `bytes`, and closes them when something is refused. Throws FileError
   * MISSING_ENTRY, CRC_MISMATCH, BYTE_ORDER, MISSING_STORAGE, SIZE_MISMATCH, and the codes of
   * `readZip`, `unpickle` and `stateDictOf`.
   */
  constructor(bytes: ByteSource) {
    try {
      this.#content = readContent(bytes)
    } catch (error) {
      bytes.close()
      throw error
    }
    this.name = bytes.name
    this.#bytes = bytes
    const { views } = this.#content
    this.tensors = new Map(Array.from(views, ([name, view]) => [name, infoOf(view)]))
    this.aliases = aliasesOf(views)
  }

  fileOf(name: string): string {
    this.#viewOf(name)
    return this.name
  }

  source(name: string): TensorSource {
    const view = this.#viewOf(name)
    const { entries, root } = this.#content
    const { offset } = entries.get(recordOf(root, view))!
    return viewSource(this.#bytes, view, offset, pytorchFaultIn(this.name, name))
  }

  verify(): void {
    for (const entry of this.#content.entries.values()) checkZipEntry(this.#bytes, entry)
  }

  close(): void {
    this.#bytes.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #viewOf(name: string): TensorView {
    const view = this.#content.views.get(name)
    if (view) return view
    throw missingTensor(this.name, name, this.tensors.keys())
  }
}

function readContent(bytes: ByteSource): Content {
  const entries = readZip(bytes)
  const root = rootOf(entries, bytes.name)
  checkByteOrder(bytes, entries.get(`${root}/byteorder`))
  const pickle = readEntry(bytes, entries.get(`${root}/data.pkl`)!)
  const views = stateDictOf(unpickle(pickle, bytes.name), bytes.name)
  const content = { entries, views, root }
  for (const [name, view] of views) checkStorage(name, view, content, bytes.name)
  return content
}

/** The one folder that holds all entries, data.pkl among them. */
function rootOf(entries: ReadonlyMap<string, ZipEntry>, file: string): string {
  const fault = pytorchFaultIn(file)
  const [pickle] = [...entries.keys()].filter(name => /^[^/]+\/data\.pkl$/.test(name))
  if (pickle === undefined) {
    throw fault('MISSING_ENTRY', 'has no data.pkl, so no weights of PyTorch', {
      hint: entries.has('META-INF/MANIFEST.MF')
        ? 'it is a Java archive'
        : 'is it another zip file? Give the path of the weights',
      expected: 'data.pkl',
    })
  }
  const root = pickle.slice(0, pickle.indexOf('/'))
  const outside = [...entries.keys()].find(name => !name.startsWith(`${root}/`))
  if (outside !== undefined) {
    throw fault(
      'BAD_ZIP',
      `has the entry ${quoted(outside)} outside of the folder ${quoted(root)}, in which everything lies`,
    )
  }
  return root
}

function checkByteOrder(bytes: ByteSource, entry: ZipEntry | undefined): void {
  if (!entry) return
  const order = entry.size > 16 ? 'unknown' : new TextDecoder('latin1').decode(readEntry(bytes, entry)).trim()
  if (order === 'little') return
  throw pytorchFaultIn(bytes.name)('BYTE_ORDER', `was written with the byte order ${quoted(order)}, not "little"`, {
    hint: 'save it again on a usual processor',
    expected: 'little',
    got: order,
  })
}

function readEntry(bytes: ByteSource, entry: ZipEntry): Uint8Array {
  if (entry.size > mostPickleBytes) {
    throw pytorchFaultIn(bytes.name)(
      'TOO_LARGE',
      `has ${entry.size} bytes in ${quoted(entry.name)}; the most is ${mostPickleBytes}`,
    )
  }
  checkZipEntry(bytes, entry)
  const content = new Uint8Array(entry.size)
  bytes.read(content, entry.offset)
  return content
}

const recordOf = (root: string, { storage }: TensorView): string => `${root}/data/${storage.key}`

function checkStorage(name: string, view: TensorView, { entries, root }: Content, file: string): void {
  const fault = pytorchFaultIn(file, name)
  const { storage } = view
  const entry = entries.get(recordOf(root, view))
  if (!entry)
    throw fault('MISSING_STORAGE', `lies in the storage ${storage.key}, which is not in the file`, { got: storage.key })
  const wanted = storage.length * bytesOf[storage.dtype]
  if (entry.size === wanted) return
  throw fault(
    'SIZE_MISMATCH',
    `lies in a storage of ${entry.size} bytes, not of the ${wanted} that its length and type need`,
    {
      expected: wanted,
      got: entry.size,
    },
  )
}

function infoOf({ storage, shape }: TensorView): WeightInfo {
  const byteLength = shape.reduce((product, dim) => product * dim, 1) * bytesOf[storage.dtype]
  return { dtype: storage.dtype, shape, byteLength }
}

/** Tensors that are the same part of the same storage, but for the first of each. */
function aliasesOf(views: ReadonlyMap<string, TensorView>): Map<string, string> {
  const firsts = new Map<string, string>()
  const aliases = new Map<string, string>()
  for (const [name, { storage, offset, shape, stride }] of views) {
    const place = JSON.stringify([storage.key, storage.dtype, offset, shape, stride])
    const first = firsts.get(place)
    if (first === undefined) firsts.set(place, name)
    else aliases.set(name, first)
  }
  return aliases
}
