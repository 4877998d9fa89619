// Holding the fast twins to their definitions: on every set of kernels that runs here, at sizes that properties choose.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endings } from '../../kernels/activation.ts'
import { paddedInputs, quantiseInt8 } from '../../kernels/int8.ts'
import { pack } from '../../kernels/panels.ts'
import { blocksOf, quantiseQ4 } from '../../kernels/q4.ts'
import type { KernelArray } from '../../src/backends/kernels.ts'
import { chooseEngine, type Engine } from '../../src/backends/wasm/engine.ts'
import { bindKernels } from '../../src/backends/wasm/module.ts'
import { byDefinition, byTwin, type Trial } from '../../src/backends/wasm/trial.ts'

/** The different engines of this Node: 128-bit vectors, relaxed ones, and those with V8's flags. */
const engines: readonly Engine[] = [
  chooseEngine('simd128', false),
  chooseEngine(undefined, false),
  chooseEngine(undefined, true),
].filter((engine, i, all) => all.findIndex(other => other.module === engine.module) === i)

/** How many inputs at a time products of int8 numbers can take here. */
export const groups = ([2, 4] as const).filter(group => engines.some(engine => engine.group >= group))

const titleOf = ({ kernels, flags }: Engine): string => [kernels, ...flags].join(' ')

export interface Limits {
  /** Largest difference, as a share of the larger of the expected number and `size`. */
  readonly tolerance: number
  /** What counts as a small number: 1 unless given. */
  readonly size?: number
}

/** Sizes at which vectors come out even, and at which they do not. */
export const sizes = (max = 70): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(1, 3, 4, 7, 8, 15, 16, 17), fc.integer({ min: 1, max }))

/** A product's rows, inputs and outputs, what it ends with, and whether it has a bias and a residual. */
export const products = (rows: fc.Arbitrary<number>, k: fc.Arbitrary<number> = sizes()) =>
  fc.record({
    ...{ rows, k, n: sizes(), ending: fc.nat(endings.length - 1) },
    ...{ hasBias: fc.boolean(), hasResidual: fc.boolean() },
  })

/** Numbers between -size and size that depend on `seed` only. */
export function numbers(length: number, seed = 1, size = 1): Float32Array {
  let state = seed >>> 0
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return size * (state / 2 ** 31 - 1)
  })
}

/** A weight of k inputs and n outputs in panels. */
export function panelsOf(w: Float32Array, k: number, n: number, width: number): Float32Array {
  const panels = new Float32Array(Math.ceil(n / width) * k * width)
  pack(panels, w, k, n, n, 1, width, k * width, 0, Math.ceil(n / width))
  return panels
}

/** A weight of random numbers in int8. */
export function int8Weight(k: number, n: number, width: number, group: number) {
  const panels = Math.ceil(n / width)
  const q = new Int8Array(panels * width * paddedInputs(k))
  const scales = new Float32Array(panels * width)
  const sums = new Int32Array(panels * width)
  const w = panelsOf(numbers(k * n, 7), k, n, width)
  quantiseInt8(q, scales, sums, w, k, width, group, 0, panels)
  return { q, scales, sums, w, panels }
}

/** A weight of random numbers in 4 bits. */
export function q4Weight(k: number, n: number, width: number) {
  const panels = Math.ceil(n / width)
  const q = new Uint8Array(panels * blocksOf(k) * 16 * width)
  const scales = new Uint16Array(panels * blocksOf(k) * width)
  const w = panelsOf(numbers(k * n, 7), k, n, width)
  quantiseQ4(q, scales, w, k, width, 0, panels)
  return { q, scales, w, panels }
}

/**
 * For each engine: whatever trial `make` makes of sizes drawn from `arbitrary`, the twin is as near to the definition as
 * `limits` says, gives the same bits when its units are cut in two, and writes nothing behind its output. `group` 4 leaves
 * out engines without the relaxed dot product.
 */
export function twinsAgree<T>(
  title: string,
  arbitrary: fc.Arbitrary<T>,
  make: (drawn: T, width: number) => Trial,
  limits: Limits,
  group: 2 | 4 = 2,
): void {
  const able = engines.filter(engine => engine.group >= group)
  describe.each(able.map(engine => ({ title: titleOf(engine), engine })))('$title', ({ engine }) => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true })
    const bound = bindKernels(engine, memory)
    test(title, () => {
      fc.assert(
        fc.property(arbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
          const trial = withMargin(make(drawn, engine.width))
          const actual = byTwin(trial, bound, memory)
          expectNear(actual, byDefinition(trial), limits)
          const cut = Math.round(share * trial.units)
          expect(byTwin(trial, bound, memory, [cut, trial.units])).toEqual(actual)
        }),
        { seed: 20261125, numRuns: 60 },
      )
    })
  })
}

const margin = 5

/** The trial with some numbers behind its output that nobody may change. */
function withMargin(trial: Trial): Trial {
  const [out, ...rest] = trial.args as [KernelArray, ...(KernelArray | number)[]]
  const longer = Float32Array.from({ length: out.length + margin }, (_, i) => out[i] ?? 123)
  const types = [Float32Array, Int32Array, Uint16Array, Uint8Array, Int8Array]
  const type = types.find(each => out instanceof each)!
  return { ...trial, args: [type.from(longer), ...rest] }
}

export function expectNear(actual: KernelArray, expected: KernelArray, { tolerance, size = 1 }: Limits): void {
  const bad = expected.findIndex((value, i) => {
    const other = actual[i]!
    if (Object.is(other, value) || (Number.isNaN(other) && Number.isNaN(value))) return false
    return !(Math.abs(other - value) <= tolerance * Math.max(size, Math.abs(value)))
  })
  if (bad >= 0) {
    const shown = (array: KernelArray) => Array.from(array.slice(Math.max(0, bad - 2), bad + 3)).join(' ')
    expect.fail(
      `number ${bad} is ${actual[bad]}, expected ${expected[bad]}: ${shown(actual)} against ${shown(expected)}`,
    )
  }
}
