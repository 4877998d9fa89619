// A tensor as text, as PyTorch's print(tensor) writes it (torch/_tensor_str.py with its usual options).
import type { DType, TypedArray } from '../dtype.ts'
import type { Shape } from '../shape.ts'

/** Torch's usual print options. */
const precision = 4
const threshold = 1000
const edgeItems = 3
const lineWidth = 80

const prefix = 'tensor('

/** The text of values in row-major order: whole, or only the edges above 1,000 elements. */
export function tensorText(values: TypedArray, shape: Shape, dtype: DType): string {
  const isFloat = dtype === 'float32'
  const suffixes = [
    ...(values.length === 0 && shape.length !== 1 ? [`size=${tupleText(shape)}`] : []),
    ...(isFloat ? [] : [`dtype=torch.${dtype}`]),
  ]
  return withSuffixes(prefix + contents(values, shape, isFloat), suffixes)
}

function contents(values: TypedArray, shape: Shape, isFloat: boolean): string {
  if (values.length === 0) return '[]'
  const places = shape.map(size => shownPlaces(size, values.length > threshold))
  const format = formatOf(shownValues(values, shape, places), isFloat)
  return nested(values, shape, places, format, 0, prefix.length)
}

/** The indices of a dimension that are shown; undefined stands for those between. */
function shownPlaces(size: number, summarize: boolean): (number | undefined)[] {
  if (!summarize || size <= 2 * edgeItems) return Array.from({ length: size }, (_, i) => i)
  const edge = Array.from({ length: edgeItems }, (_, i) => i)
  return [...edge, undefined, ...edge.map(i => size - edgeItems + i)]
}

function shownValues(values: TypedArray, shape: Shape, places: readonly (number | undefined)[][]): number[] {
  let offsets = [0]
  for (const [dim, size] of shape.entries()) {
    const shown = places[dim]!.filter(place => place !== undefined)
    offsets = offsets.flatMap(offset => shown.map(place => offset * size + place))
  }
  return offsets.map(offset => values[offset]!)
}

interface NumberFormat {
  readonly width: number
  text(value: number): string
}

/** One format for all numbers, from those that are finite and not zero. */
function formatOf(values: readonly number[], isFloat: boolean): NumberFormat {
  const text = isFloat ? floatFormat(values.filter(value => value !== 0 && Number.isFinite(value))) : String
  const measured = isFloat ? values.filter(value => value !== 0 && Number.isFinite(value)) : values
  const width = measured.reduce((most, value) => Math.max(most, text(value).length), 1)
  return { width, text: value => text(value).padStart(width) }
}

function floatFormat(values: readonly number[]): (value: number) => string {
  const sizes = values.map(Math.abs)
  const most = sizes.reduce((a, b) => Math.max(a, b), 0)
  const least = sizes.reduce((a, b) => Math.min(a, b), Infinity)
  if (most / least > 1000 || most > 1e8 || least < 1e-4) return exponential
  if (values.every(Number.isInteger)) return value => (Number.isFinite(value) ? `${fixed(value, 0)}.` : special(value))
  return value => fixed(value, precision)
}

function special(value: number): string {
  return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
}

/** With so many digits behind the point. Of two numbers equally near, Python takes the even one and JavaScript the larger. */
function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return special(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  return sign + evenAtTie(size.toFixed(digits), size.toFixed(100), digits)
}

function exponential(value: number): string {
  if (!Number.isFinite(value)) return special(value)
  const size = Math.abs(value)
  const [mantissa, power] = size.toExponential(precision).split('e') as [string, string]
  const [exact, exactPower] = size.toExponential(100).split('e') as [string, string]
  const digits = evenAtTie(mantissa, exact, precision)
  const shown = digits === mantissa ? power : exactPower
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return `${sign}${digits}e${shown[0]}${shown.slice(1).padStart(2, '0')}`
}

/** `rounded`, or the even number below it when `exact` lies right between the two. */
function evenAtTie(rounded: string, exact: string, digits: number): string {
  const isTie = /^50*$/.test((exact.split('.')[1] ?? '').slice(digits))
  if (!isTie || Number(rounded.at(-1)) % 2 === 0) return rounded
  return (Number(rounded) - 10 ** -digits).toFixed(digits)
}

function nested(
  values: TypedArray,
  shape: Shape,
  places: readonly (number | undefined)[][],
  format: NumberFormat,
  offset: number,
  indent: number,
  dim = 0,
): string {
  if (dim === shape.length) return format.text(values[offset]!)
  const size = shape[dim]!
  if (dim === shape.length - 1) {
    const items = places[dim]!.map(place =>
      place === undefined ? ' ...' : format.text(values[offset * size + place]!),
    )
    return `[${lines(items, format.width, indent).join(`,\n${' '.repeat(indent + 1)}`)}]`
  }
  const parts = places[dim]!.map(place =>
    place === undefined ? '...' : nested(values, shape, places, format, offset * size + place, indent + 1, dim + 1),
  )
  const gap = `,${'\n'.repeat(shape.length - dim - 1)}${' '.repeat(indent + 1)}`
  return `[${parts.join(gap)}]`
}

/** Numbers as lines of at most 80 characters. */
function lines(items: readonly string[], width: number, indent: number): string[] {
  const perLine = Math.max(1, Math.floor((lineWidth - indent) / (width + 2)))
  return Array.from({ length: Math.ceil(items.length / perLine) }, (_, i) =>
    items.slice(i * perLine, (i + 1) * perLine).join(', '),
  )
}

function withSuffixes(text: string, suffixes: readonly string[]): string {
  let last = text.length - text.lastIndexOf('\n') + 1
  for (const suffix of suffixes) {
    const isNewLine = last + suffix.length + 2 > lineWidth
    text += isNewLine ? `,\n${' '.repeat(prefix.length)}${suffix}` : `, ${suffix}`
    last = isNewLine ? prefix.length + suffix.length : last + suffix.length + 2
  }
  return `${text})`
}

function tupleText(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
}
