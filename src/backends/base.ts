// What all back ends share beside their memory: the making of tensors from a user's values.
import type { Backend, RandomOptions, Storage, TensorOptions, TensorValues, WeightForm } from '../backend.ts'
import { checkDType, type DType, newArray, type TensorSource, type WeightDType } from '../dtype.ts'
import { ShapeError, valueText } from '../errors.ts'
import { generatorOf } from '../random/default.ts'
import { Generator } from '../random/generator.ts'
import { type Shape, shapeFrom, shapeText, sizeOf } from '../shape.ts'
import { checkNumber, checkOptions } from '../tensor/arguments.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Steps } from '../turns.ts'
import { ScopedMemory } from './scopes.ts'
import { checkInt32, flatten } from './values.ts'

/** A back end extends it and gives, beside the memory, `upload`, `fill` and `weightSteps`. */
export abstract class BaseBackend<Block = unknown> extends ScopedMemory<Block> {
  abstract upload(dtype: DType, values: ArrayLike<number>): Storage
  abstract fill(dtype: DType, length: number, value: number): Storage
  abstract weightSteps(source: TensorSource, form: WeightForm, dtype?: WeightDType): Steps<Storage>

  weight(source: TensorSource, form: WeightForm, dtype?: WeightDType): Storage {
    const steps = this.weightSteps(source, form, dtype)
    let step = steps.next()
    while (!step.done) step = steps.next()
    return step.value
  }

  tensor(this: BaseBackend & Backend, values: TensorValues, options: TensorOptions = {}): Tensor {
    checkOptions(options, ['shape', 'dtype'], 'tensor')
    const given =
      values instanceof Tensor
        ? { values: values.data, shape: values.shape, dtype: values.dtype }
        : flatten(values, 'tensor')
    const { shape = given.shape, dtype = given.dtype } = options
    checkDType(dtype, 'tensor')
    if (dtype === 'int32') checkInt32(given.values, 'tensor')
    const wanted = shapeFrom(shape, 'tensor')
    if (sizeOf(wanted) !== given.values.length) {
      const message = `tensor: ${given.values.length} values do not fill the shape ${shapeText(wanted)}`
      throw new ShapeError('SHAPE', message)
    }
    this.checkOpen()
    return new Tensor(this.upload(dtype, given.values), wanted)
  }

  zeros(shape: Shape, dtype?: DType): Tensor {
    return this.#filled(shape, 0, dtype, 'zeros')
  }

  ones(shape: Shape, dtype?: DType): Tensor {
    return this.#filled(shape, 1, dtype, 'ones')
  }

  full(shape: Shape, value: number, dtype?: DType): Tensor {
    if (typeof value !== 'number') throw new ShapeError('BAD_TYPE', `full: expected a number, got ${valueText(value)}`)
    return this.#filled(shape, value, dtype, 'full')
  }

  #filled(given: Shape, value: number, dtype: DType = 'float32', op: string): Tensor {
    const shape = shapeFrom(given, op)
    checkDType(dtype, op)
    if (dtype === 'int32') checkInt32([value], op)
    this.checkOpen()
    return new Tensor(this.fill(dtype, sizeOf(shape), value), shape)
  }

  rand(shape: Shape, options?: RandomOptions): Tensor {
    return this.#random(shape, options, 'rand', (generator, values) => generator.uniform(values))
  }

  randn(shape: Shape, options?: RandomOptions): Tensor {
    return this.#random(shape, options, 'randn', (generator, values) => generator.normal(values))
  }

  #random(
    given: Shape,
    options: RandomOptions = {},
    op: string,
    draw: (generator: Generator, values: Float32Array) => Float32Array,
  ): Tensor {
    const shape = shapeFrom(given, op)
    const generator = generatorFrom(options, op)
    this.checkOpen()
    return new Tensor(this.upload('float32', draw(generator, new Float32Array(sizeOf(shape)))), shape)
  }

  arange(start: number, end?: number, step = 1, dtype?: DType): Tensor {
    const [first, limit] = end === undefined ? [0, start] : [start, end]
    checkNumber(first, 'start', 'arange')
    checkNumber(limit, 'end', 'arange')
    checkNumber(step, 'step', 'arange')
    const count = Math.ceil((limit - first) / step) + 0 // not -0
    if (!(count >= 0) || step === 0) {
      throw new ShapeError('BAD_VALUE', `arange: steps of ${step} do not lead from ${first} to ${limit}`)
    }
    const type = dtype ?? ([first, limit, step].every(Number.isInteger) ? 'int32' : 'float32')
    checkDType(type, 'arange')
    sizeOf([count], 'arange')
    if (type === 'int32') checkInt32([first, first + step * Math.max(count - 1, 0)], 'arange')
    const values = newArray(type, count)
    for (let i = 0; i < count; i++) values[i] = first + i * step
    this.checkOpen()
    return new Tensor(this.upload(type, values), [count])
  }
}

function generatorFrom(options: RandomOptions, op: string): Generator {
  checkOptions(options, ['seed', 'generator'], op)
  const { seed, generator } = options
  if (generator === undefined) return generatorOf(seed)
  if (generator instanceof Generator && seed === undefined) return generator
  const wrong = generator instanceof Generator ? 'a seed and a generator' : valueText(generator)
  throw new ShapeError('BAD_TYPE', `${op}: expected a seed or a Generator, got ${wrong}`)
}
