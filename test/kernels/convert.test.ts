import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { narrowBF16, narrowF16, widenBF16, widenF16 } from '../../kernels/convert.ts'
import { trial } from '../../src/backends/wasm/trial.ts'
import { twinsAgree } from './twins.ts'

const words = fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 40 })

describe.each(['widenF16', 'widenBF16'] as const)('%s', name => {
  twinsAgree(
    'is its definition for every pattern of bits',
    words,
    bits => trial(name, [new Float32Array(bits.length), Uint16Array.from(bits)], bits.length),
    { tolerance: 0 },
  )
})

describe.each(['narrowF16', 'narrowBF16'] as const)('%s', name => {
  const bits = fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 40 })
  const near = fc.array(fc.double({ min: -70000, max: 70000, noNaN: true }), { minLength: 1, maxLength: 40 })
  const small = fc.array(fc.double({ min: -1e-4, max: 1e-4, noNaN: true }), { minLength: 1, maxLength: 40 })
  const floats = bits.map(list => new Float32Array(Uint32Array.from(list).buffer))
  twinsAgree(
    'is its definition for every pattern of bits',
    fc.oneof(
      floats,
      near.map(list => Float32Array.from(list)),
      small.map(list => Float32Array.from(list)),
    ),
    x => trial(name, [new Uint16Array(x.length), x], x.length),
    { tolerance: 0 },
  )
})

test('narrowing undoes widening, and rounds what has more digits to the nearest', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
  for (const [widen, narrow] of [
    [widenF16, narrowF16],
    [widenBF16, narrowBF16],
  ] as const) {
    const wide = new Float32Array(all.length)
    const back = new Uint16Array(all.length)
    widen(wide, all, 0, all.length)
    narrow(back, wide, 0, all.length)
    for (const [i, bits] of all.entries()) if (!Number.isNaN(wide[i]!)) expect(back[i]).toBe(bits)
  }
  const out = new Uint16Array(6)
  narrowF16(out, Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -26), 0, 6)
  expect(Array.from(out)).toEqual([0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 1])
})

test('half-precision numbers whose value is known', () => {
  const out = new Float32Array(7)
  widenF16(out, Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x7e00), 0, 7)
  expect(Array.from(out)).toEqual([1, -2, 65504, 2 ** -24, -0, Infinity, Number.NaN])
})
