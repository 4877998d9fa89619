// Weights of another size: places of a dim left out, rows added.
import type { Generator } from '../random/generator.ts'
import { Tensor } from '../tensor/tensor.ts'
import { arraySource } from './initialize.ts'
import type { Parameter } from './parameter.ts'

/**
 * Keeps these places along one dim of a weight (rows, cols) or (n), in this order. A weight without values gets the new
 * shape.
 */
export function keepPlaces(parameter: Parameter, dim: 0 | 1, places: readonly number[]): void {
  const [rows = 1, cols = 1] = parameter.shape
  const shape = parameter.shape.map((size, i) => (i === dim ? places.length : size))
  const all = (size: number): number[] => Array.from({ length: size }, (_, i) => i)
  const [keptRows, keptCols] = dim === 0 ? [places, all(cols)] : [all(rows), places]
  replaceValues(parameter, shape, old =>
    Float32Array.from(
      { length: keptRows.length * keptCols.length },
      (_, i) => old[keptRows[Math.floor(i / keptCols.length)]! * cols + keptCols[i % keptCols.length]!]!,
    ),
  )
}

/** Gives a weight so many rows. New ones are the mean of the old ones, or with `drawn` normal numbers around 0. */
export function resizeRows(parameter: Parameter, rows: number, drawn?: { std: number; generator: Generator }): void {
  const [oldRows = 1, cols = 1] = parameter.shape
  replaceValues(parameter, [rows, ...parameter.shape.slice(1)], old => {
    const values = Float32Array.from({ length: rows * cols }, (_, i) => old[i] ?? 0)
    const added = values.subarray(Math.min(oldRows, rows) * cols)
    if (drawn) drawn.generator.normal(added, 0, drawn.std)
    else {
      const mean = new Float64Array(cols)
      for (let i = 0; i < oldRows * cols; i++) mean[i % cols]! += old[i]! / oldRows
      for (let i = 0; i < added.length; i++) added[i] = mean[i % cols]!
    }
    return values
  })
}

function replaceValues(
  parameter: Parameter,
  shape: readonly number[],
  make: (old: ArrayLike<number>) => Float32Array,
): void {
  if (!parameter.isLoaded) {
    parameter.replace(shape)
    return
  }
  const { value } = parameter
  const storage = value.backend.weight(arraySource(make(value.data), shape), parameter.form, parameter.dtype)
  parameter.replace(shape, new Tensor(storage, shape).keep())
  value.dispose()
}
