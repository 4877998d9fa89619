// What a pickle of tensors can hold. Objects of Python are names here: nothing behind them is ever looked up or called.
import type { FileDType } from '../../dtype.ts'

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleSet
  | PickleGlobal
  | StorageRef
  | TensorView

export class PickleTuple {
  readonly items: readonly PickleValue[]

  constructor(items: readonly PickleValue[]) {
    this.items = items
  }
}

export class PickleList {
  readonly items: PickleValue[] = []
}

/** Only empty ones can be written with torch's opcodes. */
export class PickleSet {}

export type PickleKey = string | number | boolean | null

/** A dict, or an OrderedDict, whose attributes are not kept. */
export class PickleDict {
  readonly isOrdered: boolean
  readonly entries = new Map<PickleKey, PickleValue>()

  constructor(isOrdered = false) {
    this.isOrdered = isOrdered
  }
}

/** A class or function, by the only names that there are. */
export class PickleGlobal {
  readonly name: string
  /** For the classes of storages. */
  readonly storage: FileDType | undefined

  constructor(name: string, storage?: FileDType) {
    this.name = name
    this.storage = storage
  }
}

/** Numbers that lie in the file beside the pickle, in the record of this key. */
export class StorageRef {
  readonly key: string
  readonly dtype: FileDType
  /** Elements. */
  readonly length: number

  constructor(key: string, dtype: FileDType, length: number) {
    this.key = key
    this.dtype = dtype
    this.length = length
  }
}

/** A tensor as a view of a storage: `offset` and `stride` count elements, and all of it lies inside. */
export class TensorView {
  readonly storage: StorageRef
  readonly offset: number
  readonly shape: readonly number[]
  readonly stride: readonly number[]

  constructor(storage: StorageRef, offset: number, shape: readonly number[], stride: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.stride = stride
  }
}
