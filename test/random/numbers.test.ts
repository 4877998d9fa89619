// A generator gives PyTorch's numbers, bit for bit, and stands where PyTorch's stands after each call.
import { describe, expect, test } from 'vitest'
import { Generator } from '../../src/index.ts'
import { golden } from '../golden.ts'
import { digest } from './digest.ts'

interface Recorded {
  readonly call: readonly [method: string, ...args: (number | boolean)[]]
  readonly state: string
  readonly sha256?: string
  readonly values: readonly number[]
}

interface Recording {
  readonly generators: readonly { readonly seed: number; readonly calls: readonly Recorded[] }[]
}

/** Weights without a third of the places. */
function weights(rows: number, width: number): Float32Array {
  const found = new Generator(9).uniform(new Float32Array(rows * width))
  return found.map((weight, i) => ((i % width) % 3 === 0 ? 0 : weight))
}

function run(generator: Generator, [method, ...args]: Recorded['call']): Float32Array | Int32Array | readonly number[] {
  const [a = 0, b, c] = args as number[]
  const out = () => new Float32Array(a)
  switch (method) {
    case 'uniform':
      return generator.uniform(out(), b, c)
    case 'normal':
      return generator.normal(out(), b, c)
    case 'exponential':
      return generator.exponential(out(), b)
    case 'bernoulli':
      return generator.bernoulli(out(), b!)
    case 'randint':
      return generator.randint(a, b!, c!)
    case 'randperm':
      return generator.randperm(a)
    case 'double':
      return [generator.double()]
    default:
      return generator.multinomial(weights(a, b!), c, { rows: a, replacement: args[3] === true })
  }
}

/** How many of the float32 numbers lie between two of them. */
function steps(a: number, b: number): number {
  const [x, y] = new Int32Array(Float32Array.of(a, b).buffer)
  return Math.abs(x! - y!)
}

describe.each(['2.6', '2.7'] as const)('PyTorch %s', torch => {
  const { generators } = golden<Recording>(`random/numbers-${torch}.json`)

  test.each(generators.map(({ seed, calls }) => [seed, calls] as const))('seed %i', (seed, calls) => {
    const generator = new Generator(seed, { torch })
    expect(calls.length).toBeGreaterThan(20)
    for (const { call, state, sha256, values } of calls) {
      const what = `${call}`
      const found = run(generator, call)
      if (torch === '2.6' && call[0] === 'exponential') {
        for (const [i, value] of values.entries()) expect(steps(found[i]!, value), what).toBeLessThanOrEqual(1)
      } else expect(Array.from(found.slice(0, values.length)), what).toEqual(values)
      if (sha256) expect(digest(float32OrInt64(found)), what).toBe(sha256)
      expect(digest(generator.get_state()), `${what}: state`).toBe(state)
    }
  })
})

/** The array in torch's number types: places are int64. */
function float32OrInt64(values: Float32Array | Int32Array | readonly number[]): Float32Array | Uint8Array {
  if (values instanceof Float32Array) return values
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
}
