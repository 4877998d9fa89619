// A back end whose arithmetic is the kernels of this repository: every operation as calls of them.
import { endings } from '../../kernels/activation.ts'
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
  WeightForm,
} from '../backend.ts'
import {
  type DType,
  newArray,
  type Packed,
  type TensorSource,
  type TypedArray,
  type WeightDType,
  weightDTypes,
} from '../dtype.ts'
import { type Cut, type Grid, type Shape, sizeOf } from '../shape.ts'
import { KernelMemory, placesOf } from './kernelMemory.ts'
import { definitions } from './kernels.ts'
import { weightKinds } from './weights/kinds.ts'
import { isInPanels, packedFor, rowMajor } from './weights/order.ts'
import { packedOf } from './weights/packed.ts'
import { panelsFor } from './weights/panels.ts'
import { readWeight } from './weights/read.ts'

const isFast = (op: string): op is 'add' | 'sub' | 'mul' | 'div' => ['add', 'sub', 'mul', 'div'].includes(op)

export abstract class KernelBackend<Ref> extends KernelMemory<Ref> implements Backend {
  abstract readonly facts: BackendFacts
  abstract readonly bytes: number
  abstract readonly capacity: number
  readonly weightDTypes = weightDTypes

  override weightSteps(source: TensorSource, form: WeightForm, dtype: WeightDType = 'float32') {
    return readWeight(this, source, form, dtype)
  }

  packed(storage: Storage): Packed | undefined {
    const weight = this.own(storage)
    return isInPanels(weight) ? packedOf(this, weight) : undefined
  }

  weightBytes(shape: Shape, form: WeightForm, dtype: WeightDType): number {
    const panels = panelsFor(shape, form, dtype, (kind, n) => this.panelWidth(kind, n))
    return panels ? placesOf(weightKinds[dtype].parts(panels)).at(-1)! : sizeOf(shape) * 4
  }

  download(storage: Storage, into: TypedArray = newArray(storage.dtype, storage.length)): TypedArray {
    const plain = this.plain(storage)
    into.set(this.view(plain))
    if (plain !== storage) this.free(plain)
    return into
  }

  plain(storage: Storage): Storage {
    const weight = this.own(storage)
    return isInPanels(weight) ? rowMajor(this, weight) : storage
  }

  unary(op: UnaryOp, x: Storage): Storage {
    const out = this.make('float32', x.length)
    this.run(op, [out.ref, this.at(x)], x.length, x.length * 8, 64)
    return out
  }

  binary(op: ArithmeticOp | CompareOp, a: Storage, b: Storage, grid: Grid): Storage {
    const { rows, cols, aRow, aCol, bRow, bCol } = grid
    const isComparison = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(op)
    const out = this.make(isComparison ? 'int32' : a.dtype, rows * cols)
    if (isFast(op) && a.dtype === 'float32') {
      this.run(op, [out.ref, this.at(a), this.at(b), cols, aRow, aCol, bRow, bCol], rows, out.length)
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
    } else if (x.dtype === 'float32') this.run(op, [out.ref, this.at(x), n, inner], end, x.length)
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
    this.run('softmax', [out.ref, this.at(x), cols], rowsOf(x, cols), x.length * 16)
    return out
  }

  logSoftmax(x: Storage, cols: number): Storage {
    const out = this.make('float32', x.length)
    this.run('logSoftmax', [out.ref, this.at(x), cols], rowsOf(x, cols), x.length * 16)
    return out
  }

  layerNorm(x: Storage, weight: Storage, bias: Storage, eps: number, cols: number): Storage {
    const out = this.make('float32', x.length)
    const args = [out.ref, this.at(x), this.at(weight), this.at(bias), eps, cols] as const
    this.run('layerNorm', args, rowsOf(x, cols), x.length * 8)
    return out
  }

  matmul(a: Storage, b: Storage, { batch, m, k, n, aStep, bStep, transposed }: MatmulSizes): Storage {
    const out = this.make('float32', batch * m * n)
    const [bRow, bCol] = transposed ? [1, k] : [n, 1]
    for (let i = 0; i < batch; i++) {
      const places = [
        this.atElement(out, i * m * n),
        this.atElement(a, i * aStep),
        this.atElement(b, i * bStep),
      ] as const
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
    const given = this.own(weight)
    const packed = isInPanels(given) && given.panels.form === form ? given : packedFor(this, given, { form, k, n })
    const out = this.make('float32', rows * n)
    weightKinds[packed.panels.dtype].multiply(this, packed, {
      ...{ out: out.ref, x: this.at(x), rows, ending: endings.indexOf(activation) },
      ...{ bias: this.atOr(bias), residual: this.atOr(residual) },
    })
    if (packed !== given) this.free(packed)
    return out
  }

  attention(q: Storage, k: Storage, v: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    const { B, H, T, S, capacity, D, scale, causal, maskRows } = sizes
    const out = this.make('float32', q.length)
    const room = this.attentionScratch(sizes)
    const scratch = this.make('float32', room * this.threads)
    const arrays = [out.ref, this.at(q), this.at(k), this.at(v), this.atOr(mask)] as const
    const args = [...arrays, H, T, S, capacity, D, scale, Number(causal), maskRows, scratch.ref] as const
    this.run('attention', args, B * H * T, B * H * T * S * D * 2, T, room * 4)
    this.free(scratch)
    return out
  }

  attentionScores(q: Storage, k: Storage, mask: Storage | undefined, sizes: AttentionSizes): Storage {
    const { B, H, T, S, capacity, D, scale, causal, maskRows } = sizes
    const out = this.make('float32', B * H * T * S)
    const arrays = [out.ref, this.at(q), this.at(k), this.atOr(mask)] as const
    const room = this.attentionScratch(sizes)
    const scratch = this.make('float32', room * this.threads)
    const args = [...arrays, H, T, S, capacity, D, scale, Number(causal), maskRows, scratch.ref] as const
    this.run('attentionScores', args, B * H * T, B * H * T * S * D, T, room * 4)
    this.free(scratch)
    return out
  }

  attentionValues(probs: Storage, v: Storage, { B, H, T, S, capacity, D }: AttentionSizes): Storage {
    const out = this.make('float32', B * H * T * D)
    const args = [out.ref, this.at(probs), this.at(v), T, S, capacity, D] as const
    this.run('attentionValues', args, B * H * T, B * H * T * S * D, T)
    return out
  }

  embedding(table: Storage, ids: Storage, cols: number): Storage {
    const given = this.own(table)
    const out = this.make('float32', ids.length * cols)
    if (isInPanels(given) && given.panels.form === 'linear') {
      weightKinds[given.panels.dtype].lookUp(this, given, this.at(ids), ids.length, out.ref)
      return out
    }
    const rows = this.plain(table)
    this.run('embedding', [out.ref, this.at(rows), this.at(ids), cols, 1], ids.length, ids.length * cols)
    if (rows !== table) this.free(rows)
    return out
  }

  slice(x: Storage, { outer, n, inner }: Cut, start: number, length: number): Storage {
    const out = this.make(x.dtype, outer * length * inner)
    const block = length * inner
    this.run('copyBlocks', [out.ref, this.atElement(x, start * inner), block, n * inner, block], outer, out.length)
    return out
  }

  concat(parts: readonly Storage[], cuts: readonly Cut[]): Storage {
    const { outer, inner } = cuts[0]!
    const step = cuts.reduce((sum, { n }) => sum + n, 0) * inner
    const out = this.make(parts[0]!.dtype, outer * step)
    let offset = 0
    for (const [i, part] of parts.entries()) {
      const block = cuts[i]!.n * inner
      this.run('copyBlocks', [this.atElement(out, offset), this.at(part), step, block, block], outer, part.length)
      offset += block
    }
    return out
  }

  append(cache: Storage, x: Storage, { blocks, capacity, filled, added, inner }: AppendSizes): Storage {
    const block = added * inner
    const place = this.atElement(cache, filled * inner)
    this.run('copyBlocks', [place, this.at(x), capacity * inner, block, block], blocks, x.length)
    return cache
  }

  swapAxes(x: Storage, A: number, B: number, C: number, n: number): Storage {
    const out = this.make(x.dtype, x.length)
    this.run('swapAxes', [out.ref, this.at(x), B, C, n], A * C, x.length)
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
