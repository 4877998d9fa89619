// How a weight for products lies in memory (kernels/panels.ts): its sizes, the width of its panels and what they hold.
import type { WeightForm } from '../../backend.ts'
import type { WeightDType } from '../../dtype.ts'
import type { Shape } from '../../shape.ts'

/** A weight of k inputs and n outputs in panels of `width` outputs. */
export interface Panels {
  readonly dtype: WeightDType
  readonly form: 'linear' | 'conv1d'
  readonly k: number
  readonly n: number
  readonly width: number
}

/** How many there are; the last one may be filled up. */
export function panelCount({ n, width }: Panels): number {
  return Math.ceil(n / width)
}

/**
 * How a weight of this shape is to lie; undefined when it stays a row-major float32 tensor. A table of small numbers lies as
 * the weight that it would be if it were multiplied by.
 */
export function panelsFor(
  shape: Shape,
  form: WeightForm,
  dtype: WeightDType,
  widthOf: (form: 'linear' | 'conv1d', n: number) => number,
): Panels | undefined {
  const [rows = 0, cols = 0] = shape
  if (shape.length !== 2 || form === 'plain' || (form === 'table' && dtype === 'float32')) return undefined
  if (form === 'conv1d') return { dtype, form, k: rows, n: cols, width: widthOf(form, cols) }
  return { dtype, form: 'linear', k: cols, n: rows, width: widthOf('linear', rows) }
}

/** Steps between inputs and between outputs of a weight in the order its file and its tensor have. */
export function stepsOf({ form, k, n }: Panels): [stepIn: number, stepOut: number] {
  return form === 'linear' ? [1, k] : [n, 1]
}

/** Whether the panels are float32 numbers in that very order. */
export function isRowMajor({ dtype, form, n, width }: Panels): boolean {
  return dtype === 'float32' && (form === 'linear' ? width === 1 : width === n)
}
