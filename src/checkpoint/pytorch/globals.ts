// The names of Python that a checkpoint may use, a closed table, and what a call of each means. No code stands behind them.
import type { FileDType } from '../../dtype.ts'
import { shapeText } from '../../shape.ts'
import { type Fault, quoted } from '../headerFault.ts'
import { byteLengthOf } from '../tensorSize.ts'
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleTuple,
  type PickleValue,
  StorageRef,
  TensorView,
} from './pickleValue.ts'

const storages: Readonly<Record<string, FileDType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
}

type Call = (args: readonly PickleValue[], fault: Fault) => PickleValue

/** What REDUCE may call, with checked arguments. */
const calls: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor_v2': rebuiltTensor,
  'torch._utils._rebuild_parameter': rebuiltParameter,
  'torch.Size': size,
}

const globals: ReadonlyMap<string, PickleGlobal> = new Map(
  [
    ...Object.keys(calls).map(name => new PickleGlobal(name)),
    ...Object.entries(storages).map(([name, dtype]) => new PickleGlobal(`torch.${name}`, dtype)),
  ].map(each => [each.name, each]),
)

/** Throws what `fault` makes of FORBIDDEN_GLOBAL. */
export function globalNamed(module: string, name: string, fault: Fault): PickleGlobal {
  const found = globals.get(`${module}.${name}`)
  if (found) return found
  const asked = quoted(`${module}.${name}`)
  throw fault('FORBIDDEN_GLOBAL', `asks for ${asked} of Python, which no plain weights need; nothing was run`, {
    hint: 'do not load it in Python either unless you trust its maker; weights are saved with torch.save(model.state_dict())',
    got: `${module}.${name}`,
  })
}

/** What Python would make of `callee(*args)`. Throws what `fault` makes of BAD_ARGS, BAD_SHAPE, OUT_OF_BOUNDS, ... */
export function called(callee: PickleValue, args: PickleValue, fault: Fault): PickleValue {
  if (!(callee instanceof PickleGlobal)) throw fault('BAD_PICKLE', 'calls what is no function')
  const call = Object.hasOwn(calls, callee.name) ? calls[callee.name] : undefined
  if (!call) throw fault('BAD_ARGS', `calls ${callee.name}, which is no function here`)
  if (!(args instanceof PickleTuple)) throw fault('BAD_ARGS', `calls ${callee.name} with what is no tuple`)
  return call(args.items, fault)
}

/** A key's length, which bounds what is looked up. */
const storageKey = /^\d{1,10}$/

/** The storage of a persistent id: ('storage', class, key, location, number of elements); where it lay is of no interest. */
export function storageOf(id: PickleValue, fault: Fault): StorageRef {
  const [kind, type, key, location, length] = id instanceof PickleTuple && id.items.length === 5 ? id.items : []
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || typeof location !== 'string') {
    throw fault('BAD_PICKLE', 'refers to something outside that is no storage')
  }
  if (!type.storage) throw fault('BAD_ARGS', `has a storage of the class ${type.name}`)
  if (typeof key !== 'string' || !storageKey.test(key)) {
    const shown = typeof key === 'string' ? quoted(key) : String(key)
    throw fault('MISSING_STORAGE', `refers to the storage ${shown}; storages have numbers for names`)
  }
  return new StorageRef(key, type.storage, natural(length, 'the length of a storage', fault))
}

/** OrderedDict() or, as Python 2 wrote it, OrderedDict([[key, value], ...]). */
function orderedDict(args: readonly PickleValue[], fault: Fault): PickleDict {
  const dict = new PickleDict(true)
  if (args.length === 0) return dict
  const [pairs] = args
  if (args.length > 1 || !(pairs instanceof PickleList))
    throw fault('BAD_ARGS', 'makes an OrderedDict of what is no list')
  for (const pair of pairs.items) {
    const isPair = pair instanceof PickleList || pair instanceof PickleTuple
    if (!isPair || pair.items.length !== 2) throw fault('BAD_ARGS', 'makes an OrderedDict of what are no pairs')
    setItem(dict, pair.items[0]!, pair.items[1]!, fault)
  }
  return dict
}

/** Sets what must not be there yet: of two values the one that counts could differ from the one that was checked. */
export function setItem(dict: PickleDict, key: PickleValue, value: PickleValue, fault: Fault): void {
  if (typeof key === 'bigint' || (typeof key === 'object' && key !== null)) {
    throw fault('BAD_PICKLE', 'has a dict whose keys are not texts or numbers')
  }
  if (dict.entries.has(key)) {
    throw fault('DUPLICATE_KEY', `has ${quoted(String(key))} twice in a dict`, { field: String(key) })
  }
  dict.entries.set(key, value)
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]) */
function rebuiltTensor(args: readonly PickleValue[], fault: Fault): TensorView {
  const [storage, first, sizes, strides, requiresGrad, hooks] = args
  const fits =
    (args.length === 6 || args.length === 7) &&
    storage instanceof StorageRef &&
    typeof requiresGrad === 'boolean' &&
    hooks instanceof PickleDict
  if (!fits) throw fault('BAD_ARGS', 'makes a tensor of what is no storage with its places')
  const offset = natural(first, 'the offset of a tensor', fault)
  const shape = naturals(sizes, 'the size of a tensor', fault)
  const stride = naturals(strides, 'the stride of a tensor', fault)
  if (shape.length !== stride.length) {
    throw fault('BAD_SHAPE', `has a tensor of ${shape.length} dims with ${stride.length} strides`)
  }
  byteLengthOf(storage.dtype, shape, fault)
  checkInside(storage, offset, shape, stride, fault)
  return new TensorView(storage, offset, shape, stride)
}

/** Sums of whole numbers up to 2^53 are exact, and a sum that is rounded is above every length. */
function checkInside(
  storage: StorageRef,
  offset: number,
  shape: readonly number[],
  stride: readonly number[],
  fault: Fault,
): void {
  const count = shape.reduce((product, dim) => product * dim, 1)
  const behind = count === 0 ? offset : shape.reduce((last, dim, i) => last + (dim - 1) * stride[i]!, offset) + 1
  if (behind > storage.length) {
    throw fault('OUT_OF_BOUNDS', `has a tensor that reaches element ${behind} of a storage of ${storage.length}`, {
      expected: storage.length,
      got: behind,
    })
  }
  if (count > storage.length) {
    throw fault(
      'TOO_LARGE',
      `has a tensor of shape ${shapeText(shape)} that repeats a storage of ${storage.length} elements`,
      {
        expected: storage.length,
        got: count,
      },
    )
  }
}

/** _rebuild_parameter(tensor, requires_grad, hooks): the tensor. */
function rebuiltParameter(args: readonly PickleValue[], fault: Fault): TensorView {
  const [tensor, requiresGrad, hooks] = args
  if (
    args.length === 3 &&
    tensor instanceof TensorView &&
    typeof requiresGrad === 'boolean' &&
    hooks instanceof PickleDict
  ) {
    return tensor
  }
  throw fault('BAD_ARGS', 'makes a parameter of what is no tensor')
}

/** torch.Size((...)) */
function size(args: readonly PickleValue[], fault: Fault): PickleTuple {
  const [sizes] = args
  if (args.length > 1) throw fault('BAD_ARGS', 'makes a torch.Size of more than one value')
  if (sizes === undefined) return new PickleTuple([])
  naturals(sizes, 'a torch.Size', fault)
  return sizes as PickleTuple
}

function naturals(value: PickleValue | undefined, what: string, fault: Fault): number[] {
  if (value instanceof PickleTuple) return value.items.map(item => natural(item, what, fault))
  throw fault('BAD_ARGS', `has ${what} that is no tuple`)
}

function natural(value: PickleValue | undefined, what: string, fault: Fault): number {
  if (typeof value === 'bigint') throw fault('TOO_LARGE', `has ${what} of ${value}`, { got: String(value) })
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw fault('BAD_ARGS', `has ${what} that is no whole number`)
  if (value < 0) throw fault('BAD_SHAPE', `has ${what} of ${value}`, { got: value })
  return value
}
