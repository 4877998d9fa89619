// Runs TensorFlow's operations by name, through the binding of tfjs-node: about half the time that its public functions take.
import { VitrineError } from '../../errors.ts'
import type { Shape } from '../../shape.ts'
import type { TfAttribute, TfBinding, TfHandle } from './tfjsNode.ts'

/** Constants kept at most: shapes, orders and axes of recent operations. */
const mostConstants = 1024

/**
 * A recipe is a row of `run`s that ends with `settle`, which frees all that came between. A `run` that throws frees it too.
 * TensorFlow finds the types of the inputs by itself; only what differs from its defaults needs an attribute.
 */
export class Operations {
  readonly binding: TfBinding
  #steps: TfHandle[] = []
  readonly #constants = new Map<string, TfHandle>()
  readonly #latest = new Map<string, { readonly key: string; readonly handle: TfHandle }>()

  constructor(binding: TfBinding) {
    this.binding = binding
  }

  /** One operation with one output. Throws VitrineError OUT_OF_MEMORY, and TFJS_OPERATION for anything else. */
  run(name: string, inputs: readonly TfHandle[], attributes: readonly TfAttribute[] = []): TfHandle {
    const ids = inputs.map(({ id }) => id)
    try {
      return this.step(this.binding.executeOp(name, attributes, ids, 1)[0]!)
    } catch (cause) {
      this.settle()
      throw failure(name, inputs, cause)
    }
  }

  /** Makes a handle a part of the recipe: it is freed at the end unless it is a result. */
  step(handle: TfHandle): TfHandle {
    this.#steps.push(handle)
    return handle
  }

  /** Ends a recipe. */
  settle(result?: TfHandle): void {
    const steps = this.#steps
    this.#steps = []
    for (const handle of steps) if (handle !== result) this.free(handle)
    if (this.#constants.size > mostConstants) this.#forget(mostConstants / 2)
  }

  free({ id }: TfHandle): void {
    this.binding.deleteTensor(id)
  }

  /** New memory with these values. The array is taken over when it lies on a multiple of 64 bytes, else copied. */
  create(shape: Shape, dtype: number, values: Float32Array | Int32Array | Uint8Array): TfHandle {
    return { id: this.binding.createTensor(shape, dtype, values), shape, dtype }
  }

  /** The same memory under another shape. It is no step: who asks for it frees it. */
  view({ id }: TfHandle, shape: Shape): TfHandle {
    return this.binding.executeOp('Reshape', [], [id, this.vector(shape).id], 1)[0]!
  }

  type(name: string, value: number): TfAttribute {
    return { name, type: this.binding.TF_ATTR_TYPE, value }
  }

  flag(name: string, value: boolean): TfAttribute {
    return { name, type: this.binding.TF_ATTR_BOOL, value }
  }

  whole(name: string, value: number): TfAttribute {
    return { name, type: this.binding.TF_ATTR_INT, value }
  }

  number(name: string, value: number): TfAttribute {
    return { name, type: this.binding.TF_ATTR_FLOAT, value }
  }

  text(name: string, value: string): TfAttribute {
    return { name, type: this.binding.TF_ATTR_STRING, value }
  }

  /** An int32 vector such as a shape; it stays for the next time. */
  vector(values: readonly number[]): TfHandle {
    return this.#constant(`v${values.join()}`, () => this.#integers([values.length], values))
  }

  /** An int32 number such as an axis. */
  index(value: number): TfHandle {
    return this.#constant(`i${value}`, () => this.#integers([], [value]))
  }

  /** A float32 number. */
  scalar(value: number): TfHandle {
    return this.#constant(`f${value}`, () => this.create([], this.binding.TF_FLOAT, Float32Array.of(value)))
  }

  #integers(shape: Shape, values: readonly number[]): TfHandle {
    return this.create(shape, this.binding.TF_INT32, Int32Array.from(values))
  }

  #constant(key: string, make: () => TfHandle): TfHandle {
    const known = this.#constants.get(key)
    if (known) return known
    const fresh = make()
    this.#constants.set(key, fresh)
    return fresh
  }

  /** The last constant of a kind, for what the layers of a model ask for one after another, until another key is wanted. */
  latest(kind: string, key: string, make: () => TfHandle): TfHandle {
    const last = this.#latest.get(kind)
    if (last?.key === key) return last.handle
    const handle = make()
    this.#latest.set(kind, { key, handle })
    if (last) this.step(last.handle)
    return handle
  }

  /** Frees the oldest constants. */
  #forget(count: number): void {
    for (const [key, handle] of [...this.#constants].slice(0, count)) {
      this.#constants.delete(key)
      this.free(handle)
    }
  }

  /** Frees all constants. */
  close(): void {
    this.#forget(this.#constants.size)
    for (const { handle } of this.#latest.values()) this.free(handle)
    this.#latest.clear()
  }
}

function failure(name: string, inputs: readonly TfHandle[], cause: unknown): VitrineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const shapes = inputs.map(({ shape }) => `(${shape.join(', ')})`)
  const code = /\bOOM\b|failed to allocate/i.test(reason) ? 'OUT_OF_MEMORY' : 'TFJS_OPERATION'
  return new VitrineError(code, `tfjs: ${name} of ${shapes.join(', ')} failed: ${reason.trim()}`, { cause })
}
