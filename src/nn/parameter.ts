// A weight of a module: known by shape from the start, by value once a checkpoint or a seed has filled it.
import type { WeightForm } from '../backend.ts'
import type { WeightDType } from '../dtype.ts'
import { VitrineError } from '../errors.ts'
import { type Shape, shapeText, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * How a parameter starts when no checkpoint has it: `std` is the deviation of normal numbers around 0. `drawnTwice`: they
 * are drawn once as any layer's and then again; the second ones count.
 */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number; readonly zeroRow?: number; readonly drawnTwice?: boolean }

export interface ParameterOptions {
  form?: WeightForm
  initial?: Initial
}

export class Parameter {
  #shape: Shape
  /** How modules use it; a table that is also multiplied by (tied embeddings) becomes `linear`. */
  form: WeightForm
  /** What its numbers are kept as. */
  dtype: WeightDType = 'float32'
  readonly initial: Initial
  #value: Tensor | undefined

  constructor(shape: Shape, { form = 'plain', initial = { kind: 'constant', value: 0 } }: ParameterOptions = {}) {
    this.#shape = shape
    this.form = form
    this.initial = initial
  }

  get shape(): Shape {
    return this.#shape
  }

  /** Another shape, with the value that fits it; without one the parameter has no value. All who share it see it. */
  replace(shape: Shape, value?: Tensor): void {
    this.#shape = shape
    this.#value = value
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  get isLoaded(): boolean {
    return this.#value !== undefined
  }

  /** The tensor. Throws VitrineError NOT_LOADED for a model that was built without weights. */
  get value(): Tensor {
    if (this.#value) return this.#value
    throw new VitrineError('NOT_LOADED', `a parameter of shape ${shapeText(this.shape)} has no values yet`, {
      hint: 'load the model with from_pretrained, or make it with from_config',
    })
  }

  set value(tensor: Tensor) {
    this.#value = tensor
  }
}
