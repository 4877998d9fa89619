// Values for the parameters that no checkpoint has: Hugging Face's rules, numbers from a seed.
import type { Backend } from '../backend.ts'
import type { TensorSource } from '../dtype.ts'
import type { Random } from '../random.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Parameter } from './parameter.ts'

/** Fills a parameter by its rule: one constant, or normal numbers of its deviation. */
export function initialize(parameter: Parameter, backend: Backend, random: Random): void {
  const values = new Float32Array(parameter.size)
  const { initial } = parameter
  if (initial.kind === 'normal') {
    for (let i = 0; i < values.length; i++) values[i] = initial.std * random.normal()
    const { zeroRow } = initial
    const width = parameter.shape.at(-1) ?? 0
    if (zeroRow !== undefined) values.fill(0, zeroRow * width, (zeroRow + 1) * width)
  } else {
    values.fill(initial.value)
  }
  const source = arraySource(values, parameter.shape)
  parameter.value = new Tensor(backend.weight(source, parameter.form), parameter.shape)
}

/** Numbers in memory as the source of a weight. */
export function arraySource(values: Float32Array, shape: readonly number[]): TensorSource {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return {
    dtype: 'F32',
    shape,
    read: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
  }
}
