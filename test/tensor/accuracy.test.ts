// How far the functions are from the truth in float64, on every back end. The bounds stand in kernels/README.md.
import { expect, test } from 'vitest'
import type { BackendName } from '../../src/backend.ts'
import type { Tensor } from '../../src/index.ts'
import { onEachBackend, takesForZero } from '../backends.ts'
import { golden } from '../golden.ts'

type Value = number | string

const numberOf = (value: Value): number =>
  typeof value === 'number' ? value : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number.NaN

/** The distance from one float32 to the next at the size of x; the smallest one below 2^-126. */
function ulpOf(x: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -126)
  return 2 ** (Math.min(exponent, 127) - 23)
}

/** How many units in the last place `actual` is from the truth; 0 for the same special value. */
function ulpsApart(actual: number, truth: number): number {
  if (Object.is(actual, truth) || actual === truth || Math.fround(truth) === actual) return 0
  if (Number.isNaN(actual) && Number.isNaN(truth)) return 0
  return truth === 0 ? Math.abs(actual) / 2 ** -149 : Math.abs(actual - truth) / ulpOf(truth)
}

interface Function32 {
  readonly run: (x: Tensor) => Tensor
  /** Largest allowed error in ulp. */
  readonly ulps: Readonly<Record<BackendName, number>>
  /** Errors below it count as none: functions whose far tail is next to 0. */
  readonly absolute?: Partial<Record<BackendName, number>>
}

const functions: Readonly<Record<string, Function32>> = {
  exp: { run: x => x.exp(), ulps: { reference: 0.51, wasm: 2, tfjs: 4 } },
  log: { run: x => x.log(), ulps: { reference: 0.51, wasm: 2, tfjs: 4 } },
  tanh: { run: x => x.tanh(), ulps: { reference: 0.51, wasm: 4, tfjs: 8 } },
  erf: { run: x => x.erf(), ulps: { reference: 0.51, wasm: 4, tfjs: 8 } },
  rsqrt: { run: x => x.rsqrt(), ulps: { reference: 0.51, wasm: 1.5, tfjs: 4 } },
  sigmoid: { run: x => x.sigmoid(), ulps: { reference: 0.51, wasm: 4, tfjs: 8 } },
  gelu: {
    run: x => x.gelu(),
    ulps: { reference: 1, wasm: 8, tfjs: 8 },
    absolute: { reference: 1e-30, wasm: 1e-30, tfjs: 1e-6 },
  },
  gelu_new: {
    run: x => x.gelu({ approximate: 'tanh' }),
    ulps: { reference: 1, wasm: 8, tfjs: 8 },
    absolute: { reference: 5e-7, wasm: 5e-7, tfjs: 5e-7 },
  },
}

onEachBackend('accuracy', (backend, name) => {
  test.each(Object.entries(functions))('%s', (file, { run, ulps: bounds, absolute = {} }) => {
    const { x, y } = golden<{ x: readonly Value[]; y: readonly Value[] }>(`math/${file}.json`)
    const inputs = Float32Array.from(x, numberOf)
    backend.scope(() => {
      const outputs = run(backend.tensor(inputs)).data
      let worst = { ulps: 0, at: 0, actual: 0, truth: 0 }
      for (const [i, value] of y.entries()) {
        const [actual, truth] = [outputs[i]!, numberOf(value)]
        if (file === 'gelu' && Math.abs(inputs[i]!) === Infinity) continue // see kernels/activation.ts
        if (takesForZero(name, inputs[i]!) || (takesForZero(name, truth) && actual === 0)) continue
        const ulps = Math.abs(actual - truth) < (absolute[name] ?? 0) ? 0 : ulpsApart(actual, truth)
        if (!(ulps <= worst.ulps)) worst = { ulps, at: inputs[i]!, actual, truth }
      }
      expect(worst.ulps, JSON.stringify(worst)).toBeLessThanOrEqual(bounds[name])
    })
  })

  test('softmax: relative to the probability', () => {
    const { cases } = golden<{ cases: readonly { name: string; width: number; x: Value[]; y: Value[] }[] }>(
      'math/softmax.json',
    )
    for (const { name: what, x, y } of cases) {
      const probs = backend.scope(() => backend.tensor(Float32Array.from(x, numberOf)).softmax(0).data)
      for (const [i, value] of y.entries()) {
        const truth = numberOf(value)
        if (Number.isNaN(truth)) expect(probs[i]).toBeNaN()
        else expect(Math.abs(probs[i]! - truth), `${what} [${i}]`).toBeLessThanOrEqual(4e-6 * truth + 1e-37)
      }
    }
  })

  test('layerNorm: absolute, against rows of unit size', () => {
    interface Case {
      readonly weight: Value[]
      readonly bias: Value[]
      readonly rows: readonly { name: string; eps: number; x: Value[]; y: Value[] }[]
    }
    for (const { weight, bias, rows } of golden<{ cases: readonly Case[] }>('math/layernorm.json').cases) {
      for (const { name: what, eps, x, y } of rows) {
        const [row, w, b] = [x, weight, bias].map(values => Float32Array.from(values, numberOf)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ]
        const out = backend.scope(() => backend.tensor(row).layerNorm(backend.tensor(w), backend.tensor(b), eps).data)
        const allowed = 2e-6 + lostDigits(row, eps) * Math.max(...w.map(Math.abs))
        for (const [i, value] of y.entries()) {
          const truth = numberOf(value)
          expect(Math.abs(out[i]! - truth), `${what} [${i}] of ${x.length}`).toBeLessThanOrEqual(
            allowed * Math.max(1, Math.abs(truth)),
          )
        }
      }
    }
  })
})

/** What a row far from 0 loses in float32: the rounding of its mean, measured in deviations. */
function lostDigits(row: Float32Array, eps: number): number {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length
  const deviation = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length + eps)
  return (2 * Math.abs(mean) * 2 ** -23) / deviation
}
