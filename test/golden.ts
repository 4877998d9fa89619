// Reading the golden files: what Hugging Face gave, and comparing with it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type NestedArray, Tensor } from '../src/index.ts'

/** The path of a file under test/golden. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`golden/${name}`, import.meta.url))
}

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), 'utf8')) as T
}

/** A tensor as the golden files write it: row-major, with "inf", "-inf" and "nan" as strings. */
export interface GoldenTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

export function isGoldenTensor(value: unknown): value is GoldenTensor {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'shape' in value && 'data' in value
}

export function numbersOf({ data }: GoldenTensor): number[] {
  return data.map(value => {
    if (typeof value === 'number') return value
    return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number.NaN
  })
}

/** The same numbers as nested arrays, the form in which users hand them in. */
export function nestedOf(tensor: GoldenTensor): NestedArray {
  const nest = (values: readonly number[], [dim, ...rest]: readonly number[]): NestedArray => {
    if (dim === undefined) return values[0]!
    const step = values.length / dim
    return Array.from({ length: dim }, (_, i) => nest(values.slice(i * step, (i + 1) * step), rest))
  }
  return nest(numbersOf(tensor), tensor.shape)
}

/** Fails with the five worst places when a tensor is further than `tolerance` from the golden one. */
export function expectClose(actual: Tensor, wanted: GoldenTensor, tolerance: number, what: string): void {
  expect(actual.shape, `${what}: shape`).toEqual(wanted.shape)
  const data = actual.data
  const worst = numbersOf(wanted)
    .map((value, i) => ({ i, wanted: value, actual: data[i]!, error: errorOf(data[i]!, value) }))
    .sort((a, b) => b.error - a.error)
    .slice(0, 5)
  const [first] = worst
  if (!first || first.error <= tolerance) return
  const lines = worst.map(({ i, wanted: w, actual: a }) => `  [${i}] expected ${w}, got ${a}`)
  expect.fail(`${what} is off by ${first.error} (allowed ${tolerance}):\n${lines.join('\n')}`)
}

/** Compares a field that is one tensor or a list of them. */
export function expectField(
  actual: unknown,
  wanted: GoldenTensor | readonly GoldenTensor[],
  tolerance: number,
  what: string,
) {
  if (isGoldenTensor(wanted)) {
    if (!(actual instanceof Tensor)) return expect.fail(`${what} is no Tensor`)
    return expectClose(actual, wanted, tolerance, what)
  }
  if (!Array.isArray(actual)) return expect.fail(`${what} is no list`)
  expect(actual.length, `${what}: length`).toBe(wanted.length)
  for (const [i, tensor] of wanted.entries()) expectField(actual[i], tensor, tolerance, `${what}[${i}]`)
}

function errorOf(actual: number, wanted: number): number {
  if (Object.is(actual, wanted) || actual === wanted) return 0
  if (Number.isNaN(actual) && Number.isNaN(wanted)) return 0
  const error = Math.abs(actual - wanted)
  return Number.isNaN(error) ? Infinity : error
}
