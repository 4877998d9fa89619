// The back end 'tfjs': TensorFlow's operations on the CPU through tfjs-node, written for what they do best.
import type {
  AppendSizes,
  ArithmeticOp,
  AttentionSizes,
  Backend,
  BackendFacts,
  CompareOp,
  LinearEnding,
  LinearSizes,
  MatmulSizes,
  ReduceOp,
  Storage,
  TopkSizes,
  UnaryOp,
} from '../../backend.ts'
import { type DType, newArray } from '../../dtype.ts'
import { type Cut, type Grid, type Shape, sizeOf } from '../../shape.ts'
import { definitions } from '../kernels.ts'
import { loadTensorFlow } from './load.ts'
import { TfjsMemory } from './memory.ts'
import * as recipe from './recipes.ts'
import type { TfHandle, TfKernelBackend } from './tfjsNode.ts'

const arithmetic: Readonly<Record<ArithmeticOp, string>> = {
  ...{ add: 'AddV2', sub: 'Sub', mul: 'Mul', div: 'RealDiv', pow: 'Pow', maximum: 'Maximum', minimum: 'Minimum' },
}
const comparisons: Readonly<Record<CompareOp, string>> = {
  ...{ eq: 'Equal', ne: 'NotEqual', lt: 'Less', le: 'LessEqual', gt: 'Greater', ge: 'GreaterEqual' },
}
const reductions = { sum: 'Sum', mean: 'Mean', max: 'Max', min: 'Min' } as const

const isComparison = (op: string): op is CompareOp => Object.hasOwn(comparisons, op)

/** The lowest float32: the score of what is hidden. */
const lowest = -3.4028234663852886e38

export class TfjsBackend extends TfjsMemory implements Backend {
  readonly name = 'tfjs'
  readonly facts: BackendFacts
  readonly #layerNorm: recipe.LayerNormRecipe

  constructor(tensorflow: TfKernelBackend) {
    super(tensorflow)
    this.facts = { libtensorflow: tensorflow.binding.TF_Version ?? 'unknown', threads: "TensorFlow's own" }
    this.#layerNorm = recipe.layerNormRecipe(this.tf)
  }

  /** Throws VitrineError BACKEND_MISSING, with the command that installs tfjs-node. */
  static open(): TfjsBackend {
    return new TfjsBackend(loadTensorFlow())
  }

  /** The storage as it is when its last dim is `cols`, else as rows of so many. */
  #rows(storage: Storage, cols: number): TfHandle {
    const first = this.handle(storage)
    return first.shape.at(-1) === cols ? first : this.as(storage, [cols === 0 ? 0 : storage.length / cols, cols])
  }

  #cut(storage: Storage, { outer, n, inner }: Cut): TfHandle {
    return this.as(storage, inner === 1 ? [outer, n] : [outer, n, inner])
  }

  unary(op: UnaryOp, x: Storage): Storage {
    return this.made(recipe.unaryRecipes[op](this.tf, this.handle(x)))
  }

  binary(op: ArithmeticOp | CompareOp, a: Storage, b: Storage, grid: Grid): Storage {
    if (op === 'pow' && a.dtype === 'int32') return this.#powers(a, b, grid)
    if (!isComparison(op)) return this.made(this.tf.run(arithmetic[op], this.#operands(a, b, grid)))
    const truth = this.tf.run(comparisons[op], this.#operands(a, b, grid))
    return this.made(recipe.cast(this.tf, truth, this.typeOf('int32')))
  }

  /** By its definition: TensorFlow refuses negative powers of whole numbers. */
  #powers(a: Storage, b: Storage, { rows, cols, aRow, aCol, bRow, bCol }: Grid): Storage {
    const out = newArray('int32', rows * cols)
    definitions.pow(out, this.download(a), this.download(b), cols, aRow, aCol, bRow, bCol, 0, rows)
    return this.upload('int32', out)
  }

  /** Both sides in shapes that TensorFlow broadcasts to the whole, which keeps the shape it has where it can. */
  #operands(a: Storage, b: Storage, { rows, cols, aRow, aCol, bRow, bCol }: Grid): [TfHandle, TfHandle] {
    const size = rows * cols
    const { shape } = this.handle(a.length === size ? a : b)
    const isByRow = (aRow > 0 && aCol === 0) || (bRow > 0 && bCol === 0)
    const whole = a.length === b.length || (shape.at(-1) === cols && !isByRow) ? shape : [rows, cols]
    const side = (storage: Storage, row: number, col: number): TfHandle => {
      if (col === 1) return this.as(storage, row === 0 ? [cols] : whole)
      return this.as(storage, row === 0 ? [1] : [rows, 1])
    }
    return [side(a, aRow, aCol), side(b, bRow, bCol)]
  }

  reduce(op: ReduceOp, x: Storage, cut: Cut): Storage {
    if (op === 'argmax') return this.#argmax(x, cut)
    return this.made(this.tf.run(reductions[op], [this.#cut(x, cut), this.tf.index(1)]))
  }

  /** By its definition: TensorFlow takes NaN for small. */
  #argmax(x: Storage, { outer, n, inner }: Cut): Storage {
    const out = new Int32Array(outer * inner)
    definitions.argmax(out, this.download(x), n, inner, 0, out.length)
    return this.upload('int32', out)
  }

  cumsum(x: Storage, cut: Cut): Storage {
    return this.made(this.tf.run('Cumsum', [this.#cut(x, cut), this.tf.index(1)]))
  }

  softmax(x: Storage, cols: number): Storage {
    return this.made(this.tf.run('Softmax', [this.#rows(x, cols)]))
  }

  logSoftmax(x: Storage, cols: number): Storage {
    return this.made(this.tf.run('LogSoftmax', [this.#rows(x, cols)]))
  }

  layerNorm(x: Storage, weight: Storage, bias: Storage, eps: number, cols: number): Storage {
    const rows = this.as(x, [cols === 0 ? 0 : x.length / cols, cols])
    return this.made(this.#layerNorm(this.tf, rows, this.as(weight, [cols]), this.as(bias, [cols]), eps))
  }

  /** One product of rank 2 where a single matrix stands on the right, else one for each of the batch. */
  matmul(a: Storage, b: Storage, { batch, m, k, n, aStep, bStep, transposed }: MatmulSizes): Storage {
    const right = transposed ? [n, k] : [k, n]
    if (batch === 1 || (bStep === 0 && aStep !== 0)) {
      return this.made(recipe.product(this.tf, this.as(a, [batch * m, k]), this.as(b, right), transposed))
    }
    const left = this.as(a, aStep === 0 ? [1, m, k] : [batch, m, k])
    const matrices = this.as(b, bStep === 0 ? [1, ...right] : [batch, ...right])
    const product = recipe.batchProduct(this.tf, left, matrices, transposed)
    return this.made(product)
  }

  linear(
    x: Storage,
    weight: Storage,
    bias: Storage | undefined,
    { rows, k, n, form }: LinearSizes,
    { activation = 'none', residual }: LinearEnding = {},
  ): Storage {
    const isWide = (form === 'linear') !== this.own(weight).isTransposed
    const w = this.as(weight, isWide ? [n, k] : [k, n])
    const product = recipe.product(this.tf, this.as(x, [rows, k]), w, isWide)
    const sum = bias ? this.tf.run('BiasAdd', [product, this.as(bias, [n])]) : product
    const active = activation === 'none' ? sum : recipe.unaryRecipes[activation](this.tf, sum)
    return this.made(residual ? recipe.add(this.tf, active, this.as(residual, [rows, n])) : active)
  }

  /** The three steps one by one: the same numbers whether somebody watches them or not. */
  attention(q: Storage, k: Storage, v: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    const probs = this.tf.run('Softmax', [this.#scores(q, k, mask, sizes)])
    return this.made(recipe.batchProduct(this.tf, probs, this.#filled(v, sizes)))
  }

  attentionScores(q: Storage, k: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    return this.made(this.#scores(q, k, mask, sizes))
  }

  attentionValues(probs: Storage, v: Storage, sizes: AttentionSizes): Storage {
    const { B, H, T, S } = sizes
    return this.made(recipe.batchProduct(this.tf, this.as(probs, [B, H, T, S]), this.#filled(v, sizes)))
  }

  /** (B, H, T, S) */
  #scores(q: Storage, k: Storage, mask: Storage | undefined, sizes: AttentionSizes): TfHandle {
    const { B, H, T, D, scale } = sizes
    const scaled = recipe.mul(this.tf, this.as(q, [B, H, T, D]), this.tf.scalar(scale))
    const dots = recipe.batchProduct(this.tf, scaled, this.#filled(k, sizes), true)
    const added = this.#added(mask, sizes)
    return added ? recipe.add(this.tf, dots, added) : dots
  }

  /** The first S rows of keys or values: (B, H, S, D). */
  #filled(cache: Storage, { B, H, S, capacity, D }: AttentionSizes): TfHandle {
    const whole = this.as(cache, [B, H, capacity, D])
    return S === capacity ? whole : recipe.slice(this.tf, whole, [0, 0, 0, 0], [B, H, S, D])
  }

  /** What is added to the scores: the mask, and the lowest number where a token would see what is behind it. */
  #added(mask: Storage | undefined, { B, T, S, causal, maskRows }: AttentionSizes): TfHandle | undefined {
    const given = mask && this.as(mask, [B, 1, maskRows, S])
    if (!causal || T === 1) return given
    const hidden = this.tf.latest('hidden', `${T},${S}`, () => {
      const isHidden = (i: number) => i % S > S - T + Math.floor(i / S)
      const values = Float32Array.from({ length: T * S }, (_, i) => (isHidden(i) ? lowest : 0))
      return this.tf.create([T, S], this.typeOf('float32'), values)
    })
    return given ? recipe.add(this.tf, hidden, given) : hidden
  }

  embedding(table: Storage, ids: Storage, cols: number): Storage {
    const rows = cols === 0 ? 0 : table.length / cols
    const places = this.as(ids, [ids.length])
    if (!this.own(table).isTransposed) return this.made(recipe.gather(this.tf, this.as(table, [rows, cols]), places, 0))
    const columns = recipe.gather(this.tf, this.as(table, [cols, rows]), places, 1)
    return this.made(recipe.transpose(this.tf, columns, [1, 0]))
  }

  slice(x: Storage, cut: Cut, start: number, length: number): Storage {
    const { outer, inner } = cut
    const [begin, size] =
      inner === 1
        ? [
            [0, start],
            [outer, length],
          ]
        : [
            [0, start, 0],
            [outer, length, inner],
          ]
    return this.made(recipe.slice(this.tf, this.#cut(x, cut), begin, size))
  }

  /** TensorFlow joins no fewer than two parts. */
  concat(parts: readonly Storage[], cuts: readonly Cut[]): Storage {
    if (parts.length === 1) return this.made(this.tf.run('DeepCopy', [this.#cut(parts[0]!, cuts[0]!)]))
    const inputs = parts.map((part, i) => this.as(part, [cuts[i]!.outer, cuts[i]!.n, cuts[i]!.inner]))
    const attributes = [this.tf.whole('N', parts.length), this.tf.type('T', inputs[0]!.dtype)]
    return this.made(this.tf.run('ConcatV2', [...inputs, this.tf.index(1)], attributes))
  }

  /** In place, which TensorFlow does with rows of the first dim; in a copy when others have the same memory. */
  append(cache: Storage, x: Storage, { blocks, capacity, filled, added, inner }: AppendSizes): Storage {
    const places = this.tf.latest('places', `${blocks},${capacity},${filled},${added}`, () => {
      const place = (i: number) => Math.floor(i / added) * capacity + filled + (i % added)
      const values = Int32Array.from({ length: blocks * added }, (_, i) => place(i))
      return this.tf.create([values.length], this.typeOf('int32'), values)
    })
    const { isAlone } = this.own(cache)
    const before = this.as(cache, [blocks * capacity, inner])
    const rows = isAlone ? before : this.tf.run('DeepCopy', [before])
    const written = this.tf.run('InplaceUpdate', [rows, places, this.as(x, [blocks * added, inner])])
    if (!isAlone) return this.made(written, { isAlone: true })
    this.tf.settle()
    return cache
  }

  swapAxes(x: Storage, A: number, B: number, C: number, n: number): Storage {
    return this.made(recipe.transpose(this.tf, this.as(x, [A, B, C, n]), [0, 2, 1, 3]))
  }

  /** The dims that move are put into their order, then those that repeat are repeated. */
  gatherSteps(x: Storage, shape: Shape, steps: readonly number[]): Storage {
    if (sizeOf(shape) === 0) return this.fill(x.dtype, 0, 0)
    const moving = shape.map((_, dim) => dim).filter(dim => shape[dim] !== 1 && steps[dim] !== 0)
    const asTheyLie = moving.toSorted((a, b) => steps[b]! - steps[a]!)
    const sizes = asTheyLie.map(dim => shape[dim]!)
    const order = moving.map(dim => asTheyLie.indexOf(dim))
    const moved = recipe.transpose(this.tf, this.as(x, sizes), order)
    const single = this.tf.step(
      this.tf.view(
        moved,
        shape.map((size, dim) => (moving.includes(dim) ? size : 1)),
      ),
    )
    return this.made(this.tf.run('BroadcastTo', [single, this.tf.vector(shape)]))
  }

  cast(x: Storage, dtype: DType): Storage {
    return this.made(recipe.cast(this.tf, this.handle(x), this.typeOf(dtype)))
  }

  where(condition: Storage, a: Storage, b: Storage): Storage {
    const [chosen, yes, no] = [condition, a, b].map(storage => this.as(storage, [a.length])) as [
      TfHandle,
      TfHandle,
      TfHandle,
    ]
    const zero = condition.dtype === 'float32' ? this.tf.scalar(0) : this.tf.index(0)
    return this.made(this.tf.run('SelectV2', [this.tf.run('NotEqual', [chosen, zero]), yes, no]))
  }

  gather(x: Storage, index: Storage, { outer, n, inner }: Cut, m: number): Storage {
    const alongLast = (storage: Storage, size: number): TfHandle =>
      recipe.transpose(this.tf, this.as(storage, [outer, size, inner]), [0, 2, 1])
    const found = recipe.gather(this.tf, alongLast(x, n), alongLast(index, m), 2, 2)
    return this.made(recipe.transpose(this.tf, found, [0, 2, 1]))
  }

  /** By its definition: TensorFlow orders NaN as it comes. */
  topk(x: Storage, { cols, k, largest }: TopkSizes): [Storage, Storage] {
    const rows = cols === 0 ? 0 : x.length / cols
    const [values, indices] = [newArray(x.dtype, rows * k), new Int32Array(rows * k)]
    definitions.topk(values, indices, this.download(x), cols, k, Number(largest), 0, rows)
    return [this.upload(x.dtype, values), this.upload('int32', indices)]
  }
}
