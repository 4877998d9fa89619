// Weights that save_pretrained has written small: which tensors of a file stand for which weight, every size and type checked
// before a number is read. A weight `x` is two tensors, x_packed and x_scale (src/packed.ts), and as q4 a third one, x_shape.
import type { Packed, PackedKind, TensorSource } from '../dtype.ts'
import { packedDTypes, packedShapes, unpacked } from '../packed.ts'
import { type Shape, sameShape, shapeText } from '../shape.ts'
import { type Fault, faultIn, quoted } from './headerFault.ts'
import type { Metadata } from './safetensorsLayout.ts'
import type { WeightInfo, Weights } from './weights.ts'
import type { WritableTensor } from './weightsWriter.ts'

/**
 * What `format` in the metadata is where other libraries write 'pt': transformers refuses a file with another one, where it
 * would take codes for numbers.
 */
const ownFormat = 'vitrine'

const again = 'save the model again with save_pretrained'

/** A weight as a model sees it, whatever it is stored as. */
export interface StoredWeight {
  readonly dtype: string
  readonly shape: Shape
}

export interface StoredWeights {
  /** What small weights are stored as, where there are some: 'q4' where there are both kinds. */
  readonly kind: PackedKind | undefined
  readonly tensors: ReadonlyMap<string, StoredWeight>
  /** Throws FileError as `Weights.source`; its `read` throws PACKED_WEIGHT for codes and scales that cannot be. */
  source(name: string): TensorSource
}

/** What the metadata of a file says of its weights. Throws FileError PACKED_WEIGHT for kinds that are not known. */
export function packedKindOf({ name, metadata }: Weights): PackedKind | undefined {
  if (metadata.get('format') !== ownFormat) return undefined
  const kind = metadata.get('weights')
  if (kind === 'int8' || kind === 'q4') return kind
  const what = kind === undefined ? 'without saying of what kind' : `of the kind ${quoted(kind)}`
  throw faultIn(name)('PACKED_WEIGHT', `has small weights ${what}`, {
    hint: `known: ${Object.keys(packedDTypes).join(', ')}; was it written by a later version?`,
    expected: Object.keys(packedDTypes),
    got: kind,
  })
}

/** The weights of an opened file. Throws FileError PACKED_WEIGHT for one whose parts are missing or do not fit. */
export function storedWeights(weights: Weights): StoredWeights {
  const kind = packedKindOf(weights)
  if (!kind) return { kind, tensors: weights.tensors, source: name => weights.source(name) }
  const tensors = new Map<string, StoredWeight>()
  const packed = new Map<string, { readonly packed: Packed; readonly shape: Shape }>()
  const parts = new Set<string>()
  for (const part of weights.tensors.keys()) {
    if (!part.endsWith('_packed')) continue
    const name = part.slice(0, -'_packed'.length)
    const found = packedWeight(weights, name)
    packed.set(name, found)
    tensors.set(name, { dtype: found.packed.kind, shape: found.shape })
    for (const each of [name, part, `${name}_scale`, `${name}_shape`]) parts.add(each)
  }
  for (const [name, info] of weights.tensors) if (!parts.has(name)) tensors.set(name, info)
  return {
    kind,
    tensors,
    source(name) {
      const found = packed.get(name)
      return found ? unpacked(found.packed, found.shape) : weights.source(name)
    },
  }
}

function packedWeight(weights: Weights, name: string): { packed: Packed; shape: Shape } {
  const { tensors } = weights
  const fault = faultIn(weights.fileOf(`${name}_packed`), name)
  const codes = tensors.get(`${name}_packed`)!
  const kind = codes.dtype === 'I8' ? 'int8' : codes.dtype === 'U8' ? 'q4' : undefined
  if (!kind) {
    throw fault('PACKED_WEIGHT', `has codes of the dtype ${codes.dtype}`, { hint: again, expected: ['I8', 'U8'] })
  }
  if (tensors.has(name)) throw fault('PACKED_WEIGHT', 'is there small and in full', { hint: again })
  const scales = tensors.get(`${name}_scale`)
  if (scales?.dtype !== packedDTypes[kind].scales) {
    const what = scales ? `scales of the dtype ${scales.dtype}` : 'no scales'
    const hint = `as ${kind} it has ${quoted(`${name}_scale`)} of ${packedDTypes[kind].scales}: ${again}`
    throw fault('PACKED_WEIGHT', `has ${what}`, { hint, expected: packedDTypes[kind].scales, got: scales?.dtype })
  }
  const shape = kind === 'int8' ? codes.shape : storedShape(weights, name, fault)
  const outputs = outputsOf(kind, shape, codes, scales)
  if (outputs === undefined) {
    const got = `codes ${shapeText(codes.shape)}, scales ${shapeText(scales.shape)}`
    const ways = ([0, 1] as const).map(each => packedShapes(kind, shape, each))
    const wanted = ways.map(way => `codes ${shapeText(way.codes)} with scales ${shapeText(way.scales)}`).join(', or ')
    throw fault('PACKED_WEIGHT', `of shape ${shapeText(shape)} as ${kind} has ${got}`, {
      hint: shape.length === 2 ? `wanted are ${wanted}` : 'only weights of two dims are stored so',
      got: [codes.shape, scales.shape],
    })
  }
  const packed: Packed = {
    ...{ kind, outputs },
    codes: inRange(weights.source(`${name}_packed`), fault),
    scales: finite(weights.source(`${name}_scale`), fault),
  }
  return { packed, shape }
}

/** The dim of the outputs, by the shapes of the arrays; undefined where they fit neither. */
function outputsOf(
  kind: PackedKind,
  shape: Shape,
  codes: WeightInfo,
  scales: WeightInfo,
): Packed['outputs'] | undefined {
  if (shape.length !== 2) return undefined
  return ([0, 1] as const).find(outputs => {
    const wanted = packedShapes(kind, shape, outputs)
    return sameShape(wanted.codes, codes.shape) && sameShape(wanted.scales, scales.shape)
  })
}

function storedShape(weights: Weights, name: string, fault: Fault): Shape {
  const info = weights.tensors.get(`${name}_shape`)
  if (info?.dtype !== 'I32' || !sameShape(info.shape, [2])) {
    const what = info ? `of the dtype ${info.dtype} and shape ${shapeText(info.shape)}` : 'not there'
    throw fault('PACKED_WEIGHT', `has a shape that is ${what}`, {
      hint: `as q4 it has ${quoted(`${name}_shape`)}, two numbers of I32: ${again}`,
    })
  }
  const dims = new Int32Array(2)
  weights.source(`${name}_shape`).read(new Uint8Array(dims.buffer), 0)
  if (dims.every(dim => dim >= 0)) return [...dims]
  throw fault('PACKED_WEIGHT', `has the shape ${shapeText([...dims])}`, { hint: again, got: [...dims] })
}

/** The same codes; reading them throws PACKED_WEIGHT for the int8 of -128, for which the sums of products have no room. */
function inRange(source: TensorSource, fault: Fault): TensorSource {
  if (source.dtype !== 'I8') return source
  return {
    ...source,
    read(target, offset) {
      source.read(target, offset)
      const at = target.indexOf(0x80)
      if (at < 0) return
      throw fault('PACKED_WEIGHT', `has the code -128, number ${offset + at}`, {
        hint: `codes are from -127 to 127: ${again}`,
      })
    },
  }
}

/** The same scales; reading them throws PACKED_WEIGHT for those that are NaN or infinite. */
function finite(source: TensorSource, fault: Fault): TensorSource {
  const size = source.dtype === 'F32' ? 4 : 2
  return {
    ...source,
    read(target, offset) {
      source.read(target, offset)
      for (let at = size - 2; at < target.length; at += size) {
        // The exponent lies in the upper two bytes, of float32 as of bfloat16.
        const upper = target[at]! | (target[at + 1]! << 8)
        if ((upper & 0x7f80) !== 0x7f80) continue
        const number = (offset + at + 2 - size) / size
        throw fault('PACKED_WEIGHT', `has a scale that is no finite number, number ${number}`, {
          hint: `the file is damaged, or the model had such numbers: ${again}`,
        })
      }
    },
  }
}

/** The tensors that a file has for a small weight of `shape`, by name. */
export function packedTensors(
  name: string,
  shape: Shape,
  { kind, codes, scales }: Packed,
): readonly (readonly [name: string, tensor: WritableTensor])[] {
  const tensor = ({ dtype, shape, read }: TensorSource): WritableTensor => {
    return { dtype, shape, open: () => ({ dtype, shape, read }) }
  }
  const dims = new Uint8Array(Int32Array.from(shape).buffer)
  const read: TensorSource['read'] = (target, offset) => target.set(dims.subarray(offset, offset + target.length))
  return [
    [`${name}_packed`, tensor(codes)],
    [`${name}_scale`, tensor(scales)],
    ...(kind === 'q4' ? [[`${name}_shape`, tensor({ dtype: 'I32', shape: [2], read })] as const] : []),
  ]
}

/** The metadata of a file with small weights. */
export function packedMetadata(kind: PackedKind): Metadata {
  return { format: ownFormat, weights: kind }
}
