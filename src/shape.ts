// Shapes: checks, broadcasting and steps. Knows nothing of tensors or back ends.
import { ShapeError, valueText } from './errors.ts'

export type Shape = readonly number[]

/** The most elements a tensor can have: indices must stay exact, and a wasm memory holds no more. */
const mostElements = 2 ** 31 - 1

/**
 * Number of elements. Throws ShapeError BAD_SHAPE for a dim that is no whole number >= 0, TOO_LARGE from 2^31 elements
 * on; `op` is named in the error.
 */
export function sizeOf(shape: Shape, op = 'shape'): number {
  let size = 1
  let largest = 1
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0) {
      const message = `${op}: ${shapeText(shape)} has the dim ${valueText(dim)}; dims are whole numbers from 0 on`
      throw new ShapeError('BAD_SHAPE', message)
    }
    size *= dim
    largest *= Math.max(dim, 1)
  }
  if (largest > mostElements) {
    throw new ShapeError('TOO_LARGE', `${op}: ${shapeText(shape)} has more than ${mostElements} elements`, { shape })
  }
  return size
}

/** A copy of a shape that a user gave. Throws ShapeError BAD_SHAPE when it is no list of dims, and as sizeOf does. */
export function shapeFrom(given: unknown, op: string): Shape {
  const shape = listFrom(given, op)
  sizeOf(shape, op)
  return shape
}

/** A copy of the dims that a user gave, whatever they are; -0 is 0. */
function listFrom(given: unknown, op: string): Shape {
  if (Array.isArray(given)) {
    const dims: number[] = given.slice()
    for (let i = 0; i < dims.length; i++) if (dims[i] === 0) dims[i] = 0
    return dims
  }
  throw new ShapeError('BAD_SHAPE', `${op}: expected a list of dims such as [2, 3], got ${valueText(given)}`)
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Shapes as messages and prints have them: (2, 3), (768,), (). */
export function shapeText(shape: Shape): string {
  const dims = shape.map(dim => (typeof dim === 'number' ? String(dim) : valueText(dim)))
  return dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`
}

/**
 * `dim` counted from the end when negative. A single number counts as a row of one, so its only dim is 0 or -1. Throws
 * ShapeError DIM_RANGE when there is no such dim.
 */
export function dimOf(shape: Shape, dim: number, op: string): number {
  const rank = Math.max(shape.length, 1)
  const at = Number.isInteger(dim) ? (dim < 0 ? dim + rank : dim + 0) : -1
  if (at < 0 || at >= rank) {
    const message = `${op}: dim ${valueText(dim)} is outside a tensor of shape ${shapeText(shape)}`
    throw new ShapeError('DIM_RANGE', message, { shape, dim })
  }
  return at
}

/**
 * One dim or several, in rising order; all of them when none is named. Throws ShapeError DIM_RANGE, also for a dim
 * named twice.
 */
export function dimsOf(shape: Shape, dims: number | readonly number[] | undefined, op: string): number[] {
  const named = dims === undefined ? [] : [dims].flat()
  if (named.length === 0) return shape.map((_, dim) => dim)
  const list = named.map(dim => dimOf(shape, dim, op))
  const twice = list.find((dim, i) => list.indexOf(dim) !== i)
  if (twice !== undefined) throw new ShapeError('DIM_RANGE', `${op}: dim ${twice} is named twice`, { shape, dims })
  return list.sort((a, b) => a - b)
}

/** The shape two operands broadcast to, by NumPy's rule. Throws ShapeError SHAPE when they do not, TOO_LARGE. */
export function broadcastShape(a: Shape, b: Shape, op: string): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const shape = Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError('SHAPE', `${op}: shapes ${shapeText(a)} and ${shapeText(b)} do not broadcast`, { a, b })
    }
    return x === 1 ? y : x
  })
  sizeOf(shape, op)
  return shape
}

/**
 * The shape that `from` is repeated to: dims of 1 become any size, -1 keeps a dim, dims may be added in front. Throws
 * ShapeError SHAPE when another dim would change, BAD_SHAPE, TOO_LARGE.
 */
export function expandedShape(from: Shape, wanted: Shape, op: string): Shape {
  const added = listFrom(wanted, op).length - from.length
  const shape = wanted.map((dim, i) => (dim === -1 && i >= added ? from[i - added]! : dim))
  sizeOf(shape, op)
  if (added < 0 || from.some((dim, i) => dim !== 1 && dim !== shape[i + added])) {
    const message = `${op}: ${shapeText(from)} cannot be repeated to ${shapeText(wanted)}; only dims of 1 grow`
    throw new ShapeError('SHAPE', message, { from, wanted })
  }
  return shape
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

/** Cuts around `dim`, or around all dims from there to `last`, as if they were one. A single number is a row of one. */
export function cutAt(shape: Shape, dim: number, last = dim): Cut {
  return {
    outer: productOf(shape, 0, dim),
    n: productOf(shape, dim, last + 1),
    inner: productOf(shape, last + 1, shape.length),
  }
}

/** The product of dims first..end. */
function productOf(shape: Shape, first: number, end: number): number {
  let product = 1
  for (let i = first; i < Math.min(end, shape.length); i++) product *= shape[i]!
  return product
}

/**
 * Fills in a -1 of a wanted shape. Throws ShapeError SHAPE when the number of elements differs or for two -1,
 * BAD_SHAPE.
 */
export function resolveShape(wanted: Shape, size: number, from: Shape): Shape {
  const list = listFrom(wanted, 'reshape')
  const holes = list.filter(dim => dim === -1).length
  const known = sizeOf(
    list.filter(dim => dim !== -1),
    'reshape',
  )
  const fits = holes === 0 ? known === size : holes === 1 && known > 0 && size % known === 0
  if (!fits) {
    const message = `reshape: ${shapeText(from)} has ${size} elements and cannot become ${shapeText(wanted)}`
    throw new ShapeError('SHAPE', message, { from, wanted })
  }
  return list.map(dim => (dim === -1 ? size / known : dim))
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
  const isWhole = sizeOf(a) === size && sizeOf(b) === size
  if (isWhole) return { rows: size === 0 ? 0 : 1, cols: size, aRow: size, aCol: 1, bRow: size, bCol: 1 }
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
