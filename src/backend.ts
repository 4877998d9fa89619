// What a back end must offer: memory, and the arithmetic on checked arguments. Tensor is its only caller.
import type { DType, Packed, TensorSource, TypedArray, WeightDType } from './dtype.ts'
import type { Generator } from './random/generator.ts'
import type { Cut, Grid, Shape } from './shape.ts'
import type { Tensor } from './tensor/tensor.ts'
import type { Steps } from './turns.ts'

/** Element-wise functions of one tensor. gelu_new is the tanh approximation, silu is also called swish. */
export type UnaryOp =
  | 'neg'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'tanh'
  | 'erf'
  | 'relu'
  | 'sigmoid'
  | 'silu'
  | 'gelu'
  | 'geluTanh'

export type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum'
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
export type ReduceOp = 'sum' | 'mean' | 'max' | 'min' | 'argmax'

/**
 * What a tensor is tied to: no structured clone takes a symbol, so that nobody sends a tensor to a worker and gets a
 * husk.
 */
const thisThread = Symbol('a tensor lives in the thread that made it; send its data: it')

/** Memory of one tensor, or of several views of it. Each back end has its own subclass. */
export abstract class Storage {
  readonly home = thisThread
  readonly dtype: DType
  /** Number of elements. */
  readonly length: number
  /** Bytes that they take. */
  readonly bytes: number
  /** The backend that made it. */
  readonly backend: Backend
  disposed = false
  /** The open scope that will free it; undefined when its user does. */
  scope: Set<Storage> | undefined = undefined

  constructor(backend: Backend, dtype: DType, length: number, bytes = length * 4) {
    this.backend = backend
    this.dtype = dtype
    this.length = length
    this.bytes = bytes
  }
}

/**
 * How a module multiplies by a weight, so that a back end can keep it in the order that suits it: `table` (V, C) rows
 * are looked up; `linear` (out, in) and `conv1d` (in, out) are multiplied by (a `linear` weight may be looked up too:
 * tied embeddings); `plain` is everything else.
 */
export type WeightForm = 'plain' | 'table' | 'linear' | 'conv1d'

export interface MatmulSizes {
  readonly batch: number
  readonly m: number
  readonly k: number
  readonly n: number
  /** Elements from one matrix of the batch to the next; 0 when all share one. */
  readonly aStep: number
  readonly bStep: number
  /** b is (n, k) instead of (k, n). */
  readonly transposed: boolean
}

export interface AttentionSizes {
  readonly B: number
  readonly H: number
  /** New tokens (rows of q). */
  readonly T: number
  /** Tokens in all (rows of k and v that count). */
  readonly S: number
  /** Rows that k and v have room for, at least S. */
  readonly capacity: number
  readonly D: number
  readonly scale: number
  readonly causal: boolean
  /** Rows of the mask (B, maskRows, S): 0 without one, 1, or T. */
  readonly maskRows: number
}

/** The name of a method by which an object tells a scope, when it is returned from there, the values it holds. */
export const held = Symbol('held')

/** No function at all when R is a promise: what it makes after its first await would not be freed. */
export type NotAsync<R> = [R] extends [never] ? unknown : R extends PromiseLike<unknown> ? never : unknown

export type BackendName = 'reference' | 'wasm' | 'tfjs'

/** What a back end has chosen, and why: by names that are put before a reader as they are. */
export type BackendFacts = Readonly<Record<string, string | number>>

export interface Backend extends Disposable {
  readonly name: string
  /** Instructions, flags, tiles, threads and so on: for whoever tells a speed, or asks why. */
  readonly facts: BackendFacts
  /** Storages that are not freed yet. */
  readonly live: number
  /** Bytes they hold. */
  readonly bytes: number
  /** Bytes that there is room for in all. */
  readonly capacity: number
  /** What weights can be kept as here. */
  readonly weightDTypes: readonly WeightDType[]
  /** Whether `dispose` was called. */
  readonly disposed: boolean

  /**
   * Gives all memory back: every tensor of this back end is freed, and everything that is asked of it or of a model on
   * it from then on throws VitrineError DISPOSED. Disposing twice is no error.
   */
  dispose(): void

  /**
   * Runs `body` and frees every tensor made inside, but for those it returns (a Tensor, or arrays and plain objects of
   * them, or objects with a method `held`), which then belong to the scope around it. Nothing of it stays when `body`
   * throws. Throws VitrineError ASYNC_SCOPE when `body` returns a promise; the type checker refuses it before.
   */
  scope<R>(body: (() => R) & NotAsync<R>): R
  /** Takes a storage out of its scope: it lives until it is freed by hand or collected. */
  keep(storage: Storage): void
  free(storage: Storage): void

  /**
   * A tensor with a copy of nested arrays, a typed array, a number, or another tensor, which may be of another back
   * end. Typed arrays of whole numbers and int32 tensors give int32, all else float32, unless `dtype` says otherwise;
   * int32 drops fractions. Throws ShapeError BAD_TYPE for what is no number, RAGGED, SHAPE, BAD_SHAPE, BAD_DTYPE, and
   * BAD_VALUE for numbers that int32 cannot hold.
   */
  tensor(values: TensorValues, options?: TensorOptions): Tensor
  /** float32 unless `dtype` says int32, as the others. Throws ShapeError BAD_SHAPE, TOO_LARGE, BAD_DTYPE. */
  zeros(shape: Shape, dtype?: DType): Tensor
  ones(shape: Shape, dtype?: DType): Tensor
  full(shape: Shape, value: number, dtype?: DType): Tensor
  /**
   * Numbers even over [0, 1), float32; the same as torch.rand's for the same seed. Throws as zeros, and ConfigError for
   * the seed.
   */
  rand(shape: Shape, options?: RandomOptions): Tensor
  /** Numbers of a normal distribution with mean 0 and deviation 1, as torch.randn. */
  randn(shape: Shape, options?: RandomOptions): Tensor
  /** 0, 1, ... below `end`. int32 for whole numbers, else float32. */
  arange(end: number): Tensor
  /** start, start + step, ... up to but not `end`. Throws ShapeError BAD_VALUE when the steps do not lead there. */
  arange(start: number, end: number, step?: number, dtype?: DType): Tensor

  /** A storage with a copy of `values`. */
  upload(dtype: DType, values: ArrayLike<number>): Storage
  fill(dtype: DType, length: number, value: number): Storage
  /**
   * A weight whose elements are read from `source`, (rows, cols) or (n), straight into this back end's memory, and kept
   * as `dtype`, one of `weightDTypes`: float32 unless given, and always for a `plain` one. What is stored as int8 or q4,
   * and kept as the same, is not rounded again. Whatever it is kept as, to
   * other operations than products and lookups it is a tensor of float32 numbers.
   */
  weight(source: TensorSource, form: WeightForm, dtype?: WeightDType): Storage
  /**
   * The same in steps of some milliseconds, for whoever wants to do something else between them, or to stop: a generator
   * that is ended before its time, or given an error, frees what it has made.
   */
  weightSteps(source: TensorSource, form: WeightForm, dtype?: WeightDType): Steps<Storage>
  /** The arrays of a weight that is kept as int8 or q4, read from its memory; undefined for any other storage. */
  packed(storage: Storage): Packed | undefined
  /** Bytes that such a weight takes. */
  weightBytes(shape: Shape, form: WeightForm, dtype: WeightDType): number
  /** A copy of the elements in row-major order: `into`, an array of their type and number, or else a new one. */
  download(storage: Storage, into?: TypedArray): TypedArray
  /** The same values as a plain row-major storage: itself, unless it is a weight kept in another order. */
  plain(storage: Storage): Storage

  unary(op: UnaryOp, x: Storage): Storage
  binary(op: ArithmeticOp | CompareOp, a: Storage, b: Storage, grid: Grid): Storage
  /** (outer, n, inner) -> (outer, inner) */
  reduce(op: ReduceOp, x: Storage, cut: Cut): Storage
  cumsum(x: Storage, cut: Cut): Storage
  softmax(x: Storage, cols: number): Storage
  logSoftmax(x: Storage, cols: number): Storage
  layerNorm(x: Storage, weight: Storage, bias: Storage, eps: number, cols: number): Storage
  matmul(a: Storage, b: Storage, sizes: MatmulSizes): Storage
  /** x (rows, k) times a `linear` or `conv1d` weight of k inputs and n outputs, plus bias (n), and what `ending` asks for. */
  linear(x: Storage, weight: Storage, bias: Storage | undefined, sizes: LinearSizes, ending?: LinearEnding): Storage
  attention(q: Storage, k: Storage, v: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage
  attentionScores(q: Storage, k: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage
  attentionValues(probs: Storage, v: Storage, sizes: AttentionSizes): Storage
  /** Rows of a `table` or `linear` weight of width cols. */
  embedding(table: Storage, ids: Storage, cols: number): Storage

  /** (outer, n, inner) -> (outer, length, inner): the places from `start` on. */
  slice(x: Storage, cut: Cut, start: number, length: number): Storage
  /** Parts (outer, n of each, inner) side by side. */
  concat(parts: readonly Storage[], cuts: readonly Cut[]): Storage
  /**
   * Writes x (blocks, added, inner) behind the first `filled` rows of cache (blocks, capacity, inner), in place where
   * the back end can; the storage that holds the result replaces the old one.
   */
  append(cache: Storage, x: Storage, sizes: AppendSizes): Storage
  /** (A, B, C, n) -> (A, C, B, n) */
  swapAxes(x: Storage, A: number, B: number, C: number, n: number): Storage
  /**
   * A storage of `shape` whose element [i, j, ...] is x[i * steps[0] + j * steps[1] + ...]: permutations and repeats.
   */
  gatherSteps(x: Storage, shape: Shape, steps: readonly number[]): Storage
  cast(x: Storage, dtype: DType): Storage
  where(condition: Storage, a: Storage, b: Storage): Storage
  /** x (outer, n, inner), index (outer, m, inner) */
  gather(x: Storage, index: Storage, cut: Cut, m: number): Storage
  topk(x: Storage, sizes: TopkSizes): [values: Storage, indices: Storage]
}

export interface LinearSizes {
  readonly rows: number
  readonly k: number
  readonly n: number
  readonly form: 'linear' | 'conv1d'
}

/** What a product ends with, in this order; the numbers are those of the operations one by one. */
export interface LinearEnding {
  readonly activation?: FusedActivation
  /** Added last: (rows, n). */
  readonly residual?: Storage | undefined
}

/** Functions that `linear` can end with. */
export const fusedActivations = ['none', 'relu', 'gelu', 'geluTanh', 'tanh', 'sigmoid', 'silu'] as const

export type FusedActivation = (typeof fusedActivations)[number]

export interface AppendSizes {
  readonly blocks: number
  readonly capacity: number
  readonly filled: number
  readonly added: number
  readonly inner: number
}

export interface TopkSizes {
  readonly cols: number
  readonly k: number
  readonly largest: boolean
}

export interface TensorOptions {
  /** The shape of a flat list of values. */
  shape?: Shape
  dtype?: DType
}

/** Where random numbers come from: the generator that set_seed seeds, unless one of the two is given. */
export interface RandomOptions {
  seed?: number
  generator?: Generator
}

/** Numbers as users have them: nested arrays, typed arrays, one number, a tensor; truth values count as 1 and 0. */
export type TensorValues =
  | number
  | boolean
  | bigint
  | Tensor
  | TypedArray
  | Float64Array
  | Int8Array
  | Int16Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly TensorValues[]
