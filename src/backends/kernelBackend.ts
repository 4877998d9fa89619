// A back end whose arithmetic is the kernels of this repository: all of it but the memory and which kernels run.
import { endings } from '../../kernels/activation.ts'
import {
  type AppendSizes,
  type ArithmeticOp,
  type AttentionSizes,
  type Backend,
  type CompareOp,
  type LinearEnding,
  type LinearSizes,
  type MatmulSizes,
  type ReduceOp,
  Storage,
  type TopkSizes,
  type UnaryOp,
  type WeightForm,
} from '../backend.ts'
import { type DType, newArray, type TensorSource, type TypedArray } from '../dtype.ts'
import { type Cut, type Grid, type Shape, sizeOf } from '../shape.ts'
import { BaseBackend } from './base.ts'
import { definitions, type RunKernel } from './kernels.ts'
import { readWeight } from './weights.ts'

/** The order a weight lies in (kernels/panels.ts): k inputs, n outputs, in panels of `width`. */
export interface Panels {
  readonly form: 'linear' | 'conv1d'
  readonly k: number
  readonly n: number
  readonly width: number
}

/** A storage and where it is: an array or an address. */
export class KernelStorage<Ref> extends Storage {
  ref: Ref
  readonly panels: Panels | undefined

  constructor(backend: Backend, dtype: DType, length: number, ref: Ref, panels?: Panels) {
    super(backend, dtype, length)
    this.ref = ref
    this.panels = panels
  }
}

const isFast = (op: string): op is 'add' | 'sub' | 'mul' | 'div' => ['add', 'sub', 'mul', 'div'].includes(op)

/** Where the memory of a storage is, and how many elements it has. */
export interface Block<Ref> {
  readonly ref: Ref
  readonly length: number
}

export abstract class KernelBackend<Ref> extends BaseBackend<Block<Ref>> {
  /** Runs a kernel over all its units. */
  protected abstract readonly run: RunKernel<Ref>
  /** The reference that stands for an absent input. */
  protected abstract readonly absent: Ref
  /** Threads that run a kernel's units. */
  abstract readonly threads: number
  /** Room that each of them needs for attention, in numbers. */
  protected abstract attentionScratch(sizes: AttentionSizes): number
  /** New memory for `length` elements, unset, in the innermost scope. */
  protected abstract make(dtype: DType, length: number, panels?: Panels): KernelStorage<Ref>
  /** The elements of a storage in place, in the order they lie. Only good until the next `make`. */
  protected abstract view(storage: Storage): TypedArray
  /** The same as bytes. */
  protected abstract bytesIn(storage: Storage): Uint8Array
  /** A reference to the element `offset` of a storage. */
  protected abstract at(storage: Storage, offset: number): Ref
  /** A reference to a storage as 16-bit words. */
  protected abstract halves(storage: Storage): Ref
  /** Width of the panels that this back end's `linear` multiplies by. */
  protected abstract panelWidth(form: 'linear' | 'conv1d', n: number): number

  /** A storage known to be of this back end (Tensor checks that before). */
  protected own(storage: Storage): KernelStorage<Ref> {
    return storage as KernelStorage<Ref>
  }

  protected override blockOf(storage: Storage): Block<Ref> {
    const { ref, length } = this.own(storage)
    return { ref, length }
  }

  #ref(storage: Storage): Ref {
    return this.own(storage).ref
  }

  #refOr(storage: Storage | undefined): Ref {
    return storage ? this.own(storage).ref : this.absent
  }

  upload(dtype: DType, values: ArrayLike<number>): Storage {
    const out = this.make(dtype, values.length)
    this.view(out).set(values)
    return out
  }

  fill(dtype: DType, length: number, value: number): Storage {
    const out = this.make(dtype, length)
    this.view(out).fill(value)
    return out
  }

  weight(source: TensorSource, form: WeightForm): Storage {
    return readWeight(
      {
        run: this.run,
        make: (dtype, length, panels) => this.make(dtype, length, panels),
        free: storage => this.free(storage),
        bytes: storage => this.bytesIn(storage),
        at: (storage, offset) => this.at(storage, offset),
        halves: storage => this.halves(storage),
        panelWidth: (kind, n) => this.panelWidth(kind, n),
      },
      source,
      form,
    )
  }

  download(storage: Storage, into: TypedArray = newArray(storage.dtype, storage.length)): TypedArray {
    const plain = this.plain(storage)
    into.set(this.view(plain))
    if (plain !== storage) this.free(plain)
    return into
  }

  plain(storage: Storage): Storage {
    const { panels } = this.own(storage)
    if (!panels || isRowMajor(panels)) return storage
    const { form, k, n, width } = panels
    const out = this.make('float32', k * n)
    const [stepIn, stepOut] = stepsOf(form, k, n)
    this.run('unpack', [out.ref, this.#ref(storage), k, n, stepIn, stepOut, width], k, k * n)
    return out
  }

  unary(op: UnaryOp, x: Storage): Storage {
    const out = this.make('float32', x.length)
    this.run(op, [out.ref, this.#ref(x)], x.length, x.length * 8, 64)
    return out
  }

  binary(op: ArithmeticOp | CompareOp, a: Storage, b: Storage, grid: Grid): Storage {
    const { rows, cols, aRow, aCol, bRow, bCol } = grid
    const isComparison = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(op)
    const out = this.make(isComparison ? 'int32' : a.dtype, rows * cols)
    if (isFast(op) && a.dtype === 'float32') {
      this.run(op, [out.ref, this.#ref(a), this.#ref(b), cols, aRow, aCol, bRow, bCol], rows, out.length)
    } else {
      definitions[op](this.view(out), this.view(a), this.view(b), cols, aRow, aCol, bRow, bCol, 0, rows)
    }
    return out
  }

  reduce(op: ReduceOp, x: Storage, { outer, n, inner }: Cut): Storage {
    const end = outer * inner
    const out = this.make(op === 'argmax' ? 'int32' : x.dtype, end)
    if (op === 'argmax') {
      const indices = this.view(out)
      if (indices instanceof Int32Array) definitions.argmax(indices, this.view(x), n, inner, 0, end)
    } else if (x.dtype === 'float32') this.run(op, [out.ref, this.#ref(x), n, inner], end, x.length)
    else definitions[op](this.view(out), this.view(x), n, inner, 0, end)
    return out
  }

  cumsum(x: Storage, { outer, n, inner }: Cut): Storage {
    const out = this.make(x.dtype, x.length)
    definitions.cumsum(this.view(out), this.view(x), n, inner, 0, outer * inner)
    return out
  }

  softmax(x: Storage, cols: number): Storage {
    const out = this.make('float32', x.length)
    this.run('softmax', [out.ref, this.#ref(x), cols], rowsOf(x, cols), x.length * 16)
    return out
  }

  logSoftmax(x: Storage, cols: number): Storage {
    const out = this.make('float32', x.length)
    this.run('logSoftmax', [out.ref, this.#ref(x), cols], rowsOf(x, cols), x.length * 16)
    return out
  }

  layerNorm(x: Storage, weight: Storage, bias: Storage, eps: number, cols: number): Storage {
    const out = this.make('float32', x.length)
    const args = [out.ref, this.#ref(x), this.#ref(weight), this.#ref(bias), eps, cols] as const
    this.run('layerNorm', args, rowsOf(x, cols), x.length * 8)
    return out
  }

  matmul(a: Storage, b: Storage, { batch, m, k, n, aStep, bStep, transposed }: MatmulSizes): Storage {
    const out = this.make('float32', batch * m * n)
    const [bRow, bCol] = transposed ? [1, k] : [n, 1]
    for (let i = 0; i < batch; i++) {
      const places = [this.at(out, i * m * n), this.at(a, i * aStep), this.at(b, i * bStep)] as const
      this.run('matmul', [...places, k, n, bRow, bCol], m, m * k * n)
    }
    return out
  }

  linear(
    x: Storage,
    weight: Storage,
    bias: Storage | undefined,
    { rows, k, n, form }: LinearSizes,
    { activation = 'none', residual }: LinearEnding = {},
  ): Storage {
    const width = this.panelWidth(form, n)
    const { panels } = this.own(weight)
    const isPacked = panels?.form === form && panels.width === width
    const packed = isPacked ? weight : this.#packed(weight, { form, k, n, width })
    const out = this.make('float32', rows * n)
    const arrays = [out.ref, this.#ref(x), this.#ref(packed), this.#refOr(bias), this.#refOr(residual)] as const
    const args = [...arrays, endings.indexOf(activation), k, n, width, rows] as const
    this.run('linear', args, Math.ceil(n / width), rows * k * n)
    if (packed !== weight) this.free(packed)
    return out
  }

  /** A weight that came as an ordinary tensor, or was kept for the other kind of product, put into panels for this one. */
  #packed(weight: Storage, panels: Panels): KernelStorage<Ref> {
    const { form, k, n, width } = panels
    const plain = this.plain(weight)
    const count = Math.ceil(n / width)
    const out = this.make('float32', count * width * k, panels)
    const [stepIn, stepOut] = stepsOf(form, k, n)
    this.run('pack', [out.ref, this.#ref(plain), k, n, stepIn, stepOut, width, k * width], count, k * n)
    if (plain !== weight) this.free(plain)
    return out
  }

  attention(q: Storage, k: Storage, v: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    const { B, H, T, S, capacity, D, scale, causal, maskRows } = sizes
    const out = this.make('float32', q.length)
    const room = this.attentionScratch(sizes)
    const scratch = this.make('float32', room * this.threads)
    const arrays = [out.ref, this.#ref(q), this.#ref(k), this.#ref(v), this.#refOr(mask)] as const
    const args = [...arrays, H, T, S, capacity, D, scale, Number(causal), maskRows, scratch.ref] as const
    this.run('attention', args, B * H * T, B * H * T * S * D * 2, T, room * 4)
    this.free(scratch)
    return out
  }

  attentionScores(q: Storage, k: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    const { B, H, T, S, capacity, D, scale, causal, maskRows } = sizes
    const out = this.make('float32', B * H * T * S)
    const arrays = [out.ref, this.#ref(q), this.#ref(k), this.#refOr(mask)] as const
    const room = this.attentionScratch(sizes)
    const scratch = this.make('float32', room * this.threads)
    const args = [...arrays, H, T, S, capacity, D, scale, Number(causal), maskRows, scratch.ref] as const
    this.run('attentionScores', args, B * H * T, B * H * T * S * D, T, room * 4)
    this.free(scratch)
    return out
  }

  attentionValues(probs: Storage, v: Storage, { B, H, T, S, capacity, D }: AttentionSizes): Storage {
    const out = this.make('float32', B * H * T * D)
    const args = [out.ref, this.#ref(probs), this.#ref(v), T, S, capacity, D] as const
    this.run('attentionValues', args, B * H * T, B * H * T * S * D, T)
    return out
  }

  embedding(table: Storage, ids: Storage, cols: number): Storage {
    const { panels } = this.own(table)
    const rows = panels?.form === 'conv1d' ? this.plain(table) : table
    const width = this.own(rows).panels?.form === 'linear' ? (panels?.width ?? 1) : 1
    const out = this.make('float32', ids.length * cols)
    this.run('embedding', [out.ref, this.#ref(rows), this.#ref(ids), cols, width], ids.length, ids.length * cols)
    if (rows !== table) this.free(rows)
    return out
  }

  slice(x: Storage, { outer, n, inner }: Cut, start: number, length: number): Storage {
    const out = this.make(x.dtype, outer * length * inner)
    const block = length * inner
    this.run('copyBlocks', [out.ref, this.at(x, start * inner), block, n * inner, block], outer, out.length)
    return out
  }

  concat(parts: readonly Storage[], cuts: readonly Cut[]): Storage {
    const { outer, inner } = cuts[0]!
    const step = cuts.reduce((sum, { n }) => sum + n, 0) * inner
    const out = this.make(parts[0]!.dtype, outer * step)
    let offset = 0
    for (const [i, part] of parts.entries()) {
      const block = cuts[i]!.n * inner
      this.run('copyBlocks', [this.at(out, offset), this.#ref(part), step, block, block], outer, part.length)
      offset += block
    }
    return out
  }

  append(cache: Storage, x: Storage, { blocks, capacity, filled, added, inner }: AppendSizes): Storage {
    const block = added * inner
    const place = this.at(cache, filled * inner)
    this.run('copyBlocks', [place, this.#ref(x), capacity * inner, block, block], blocks, x.length)
    return cache
  }

  swapAxes(x: Storage, A: number, B: number, C: number, n: number): Storage {
    const out = this.make(x.dtype, x.length)
    this.run('swapAxes', [out.ref, this.#ref(x), B, C, n], A * C, x.length)
    return out
  }

  gatherSteps(x: Storage, shape: Shape, steps: readonly number[]): Storage {
    const out = this.make(x.dtype, sizeOf(shape))
    definitions.gatherSteps(this.view(out), this.view(x), shape, steps, 0, out.length)
    return out
  }

  cast(x: Storage, dtype: DType): Storage {
    const out = this.make(dtype, x.length)
    definitions.cast(this.view(out), this.view(x), 0, x.length)
    return out
  }

  where(condition: Storage, a: Storage, b: Storage): Storage {
    const out = this.make(a.dtype, a.length)
    definitions.where(this.view(out), this.view(condition), this.view(a), this.view(b), 0, a.length)
    return out
  }

  gather(x: Storage, index: Storage, { n, inner }: Cut, m: number): Storage {
    const out = this.make(x.dtype, index.length)
    const indices = this.view(index)
    if (indices instanceof Int32Array) {
      definitions.gather(this.view(out), this.view(x), indices, n, m, inner, 0, index.length)
    }
    return out
  }

  topk(x: Storage, { cols, k, largest }: TopkSizes): [Storage, Storage] {
    const rows = rowsOf(x, cols)
    const values = this.make(x.dtype, rows * k)
    const indices = this.make('int32', rows * k)
    const places = this.view(indices)
    if (places instanceof Int32Array) {
      definitions.topk(this.view(values), places, this.view(x), cols, k, Number(largest), 0, rows)
    }
    return [values, indices]
  }
}

function rowsOf(x: Storage, cols: number): number {
  return cols === 0 ? 0 : x.length / cols
}

/** Steps between inputs and between outputs of a weight in the order its file and its tensor have. */
export function stepsOf(form: 'linear' | 'conv1d', k: number, n: number): [stepIn: number, stepOut: number] {
  return form === 'linear' ? [1, k] : [n, 1]
}

function isRowMajor({ form, n, width }: Panels): boolean {
  return form === 'linear' ? width === 1 : width === n
}
