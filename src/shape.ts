// Shapes: checks, broadcasting and steps. Knows nothing of tensors or back ends.
import { ShapeError } from './errors.ts'

export type Shape = readonly number[]

/** The most elements a tensor can have: indices must stay exact, and a wasm memory holds no more. */
const mostElements = 2 ** 31 - 1

/** Number of elements. Throws ShapeError BAD_SHAPE for a dim that is no whole number >= 0, TOO_LARGE from 2^31 elements on. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0) {
      throw new ShapeError(
        'BAD_SHAPE',
        `shape (${shape.join(', ')}) has the dim ${String(dim)}; dims are whole numbers from 0 on`,
      )
    }
    size *= dim
  }
  const largest = shape.reduce((product, dim) => product * Math.max(dim, 1), 1)
  if (largest > mostElements) {
    throw new ShapeError('TOO_LARGE', `shape (${shape.join(', ')}) has more than ${mostElements} elements`, { shape })
  }
  return size
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

/** Shapes as messages and prints have them: (2, 3), (768,), (). */
export function shapeText(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
}

/** `dim` counted from the end when negative. Throws ShapeError DIM_RANGE when there is no such dim. */
export function dimOf(shape: Shape, dim: number, op: string): number {
  const at = dim < 0 ? dim + shape.length : dim
  if (!Number.isInteger(dim) || at < 0 || at >= shape.length) {
    throw new ShapeError('DIM_RANGE', `${op}: dim ${dim} is outside a tensor of shape ${shapeText(shape)}`, {
      shape,
      dim,
    })
  }
  return at
}

/** The shape two operands broadcast to, by NumPy's rule. Throws ShapeError SHAPE when they do not. */
export function broadcastShape(a: Shape, b: Shape, op: string): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError('SHAPE', `${op}: shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast`, { a, b })
    }
    return x === 1 ? y : x
  })
}

/** How many elements lie between neighbours along each dim of a contiguous tensor. */
export function stepsOf(shape: Shape): number[] {
  const steps = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) steps[i] = steps[i + 1]! * shape[i + 1]!
  return steps
}

/** Steps through `from` that walk the larger shape `to`: 0 along each dim that repeats. */
export function broadcastSteps(from: Shape, to: Shape): number[] {
  const own = stepsOf(from)
  const missing = to.length - from.length
  return to.map((_, i) => (i < missing || from[i - missing] === 1 ? 0 : own[i - missing]!))
}

/** A shape cut in three around one dim: sizes before it, of it, after it. */
export interface Cut {
  readonly outer: number
  readonly n: number
  readonly inner: number
}

export function cutAt(shape: Shape, dim: number): Cut {
  return {
    outer: shape.slice(0, dim).reduce((a, b) => a * b, 1),
    n: shape[dim]!,
    inner: shape.slice(dim + 1).reduce((a, b) => a * b, 1),
  }
}

/** Fills in a -1 of a wanted shape. Throws ShapeError SHAPE when the number of elements differs, or for two -1. */
export function resolveShape(wanted: Shape, size: number, from: Shape): Shape {
  const holes = wanted.filter(dim => dim === -1).length
  const known = sizeOf(wanted.filter(dim => dim !== -1))
  const fits = holes === 0 ? known === size : holes === 1 && known > 0 && size % known === 0
  if (!fits) {
    const message = `reshape: ${shapeText(from)} has ${size} elements and cannot become ${shapeText(wanted)}`
    throw new ShapeError('SHAPE', message, { from, wanted })
  }
  return wanted.map(dim => (dim === -1 ? size / known : dim))
}

/** A view of two operands as rows and columns with steps, when their broadcast is that simple. */
export interface Grid {
  readonly rows: number
  readonly cols: number
  readonly aRow: number
  readonly aCol: number
  readonly bRow: number
  readonly bCol: number
}

/**
 * The grid for operands that broadcast to `shape` and are each the whole of it, one value, one value a row, or one row;
 * undefined when one of them has to be spread out first.
 */
export function gridOf(a: Shape, b: Shape, shape: Shape): Grid | undefined {
  const size = sizeOf(shape)
  for (const cols of columnsToTry(a, b, shape)) {
    const rows = cols === 0 ? 0 : size / cols
    const left = stepsInGrid(a, shape, rows, cols)
    const right = stepsInGrid(b, shape, rows, cols)
    if (left && right) return { rows, cols, aRow: left[0], aCol: left[1], bRow: right[0], bCol: right[1] }
  }
  return undefined
}

/** Row lengths worth trying: all in one row, or the trailing dims that the smaller operand fills. */
function columnsToTry(a: Shape, b: Shape, shape: Shape): Set<number> {
  const trailing = shape.map((_, i) => shape.slice(i).reduce((x, y) => x * y, 1))
  const smaller = Math.min(sizeOf(a), sizeOf(b))
  return new Set([sizeOf(shape), smaller, ...trailing])
}

/** [step between rows, step between columns] of one operand in the grid. */
function stepsInGrid(part: Shape, shape: Shape, rows: number, cols: number): [number, number] | undefined {
  const size = sizeOf(part)
  if (size === rows * cols) return [cols, 1]
  if (size === 1) return [0, 0]
  const lead = leadingOnes(part, shape)
  if (size === cols && lead) return [0, 1]
  const perRow = trailingOnes(part, shape)
  if (perRow === cols && size === rows) return [1, 0]
  return undefined
}

/** True when `part` equals the end of `shape` and is 1 before it. */
function leadingOnes(part: Shape, shape: Shape): boolean {
  const trimmed = part.slice(part.findIndex(dim => dim !== 1))
  return trimmed.every((dim, i) => dim === shape[shape.length - trimmed.length + i])
}

/** Product of the last dims of `shape` where `part` is 1, when `part` equals `shape` before them; else 0. */
function trailingOnes(part: Shape, shape: Shape): number {
  if (part.length !== shape.length) return 0
  let repeated = 1
  let i = shape.length - 1
  for (; i >= 0 && part[i] === 1; i--) repeated *= shape[i]!
  for (; i >= 0; i--) if (part[i] !== shape[i]) return 0
  return repeated
}
