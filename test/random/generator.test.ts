// The generator apart from PyTorch's recordings: the published twister, its distributions, its state, its seeds and what it refuses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { default_generator, Generator, InputError, manual_seed, set_seed } from '../../src/index.ts'
import { freshSeed } from '../../src/random/generator.ts'

const normals = (generator: Generator, count: number) => generator.normal(new Float32Array(count))

test('seed 5489 gives the first numbers of the reference implementation, and its ten-thousandth', () => {
  const generator = new Generator(5489)
  const numbers = Array.from({ length: 10_000 }, () => generator.uint32())
  expect(numbers.slice(0, 5)).toEqual([3499211612, 581869302, 3890346734, 3586334585, 545404204])
  expect(numbers[9999]).toBe(4123659995)
})

describe('distributions', () => {
  test('double() lies in [0, 1) and is even', () => {
    const generator = new Generator(3)
    const bins = new Array<number>(10).fill(0)
    for (let i = 0; i < 20_000; i++) bins[Math.floor(generator.double() * 10)]!++
    for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(250)
  })

  test.each(['at once', 'a few at a time'])('normal numbers, %s, have the shares of the bell curve', how => {
    const generator = new Generator(4)
    const parts = how === 'at once' ? [40_000] : new Array<number>(5000).fill(8)
    const numbers = parts.flatMap(count => Array.from(normals(generator, count)))
    const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
    const deviation = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length)
    const within = (limit: number) => numbers.filter(x => Math.abs(x) < limit).length / numbers.length
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(deviation - 1)).toBeLessThan(0.02)
    expect(Math.abs(within(1) - 0.6827)).toBeLessThan(0.01)
    expect(Math.abs(within(2) - 0.9545)).toBeLessThan(0.005)
  })

  test.each([
    ['2.6', false],
    ['2.6', true],
    ['2.7', false],
    ['2.7', true],
  ] as const)('multinomial follows its weights (PyTorch %s, replacement %s)', (torch, replacement) => {
    const weights = [0, 3, 1, 0, 6]
    const rows = 20_000
    const generator = new Generator(11, { torch })
    const all = Float32Array.from({ length: rows * weights.length }, (_, i) => weights[i % weights.length]!)
    const places = generator.multinomial(all, 2, { rows, replacement })
    const shares = (own: Int32Array) => weights.map((_, place) => own.filter(drawn => drawn === place).length / rows)
    const first = shares(places.filter((_, i) => i % 2 === 0))
    for (const [place, weight] of weights.entries()) expect(Math.abs(first[place]! - weight / 10)).toBeLessThan(0.015)
    const twice = places.filter((place, i) => i % 2 === 1 && place === places[i - 1]).length / rows
    if (replacement) expect(Math.abs(twice - 0.46)).toBeLessThan(0.02)
    else expect(twice).toBe(0)
  })
})

test('what is skipped is what would have been drawn', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(700)), { maxLength: 12 }), steps => {
      const [drawing, skipping] = [new Generator(5), new Generator(5)]
      for (const [isNormal, count] of steps) {
        if (isNormal) {
          drawing.normal(new Float32Array(count))
          skipping.skipNormal(count)
        } else {
          drawing.uniform(new Float32Array(count))
          skipping.skipUniform(count)
        }
      }
      expect(skipping.get_state()).toEqual(drawing.get_state())
    }),
    { seed: 20261126, numRuns: 100 },
  )
})

describe('state', () => {
  test.each([0, 1, 3, 623, 624, 625, 2000])('goes on where it stood after %i numbers', count => {
    const generator = new Generator(8)
    normals(generator, count)
    const state = generator.get_state()
    const other = new Generator().set_state(state)
    expect(other.initial_seed()).toBe(8)
    expect(other.get_state()).toEqual(state)
    expect(normals(other, 5)).toEqual(normals(generator, 5))
  })

  test.each([
    ['too short', (bytes: Uint8Array) => bytes.subarray(8)],
    ['never seeded', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 12 ? 0 : byte))],
    ['at a place that does not exist', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 17 ? 9 : byte))],
  ])('is refused when it is %s', (_, spoil) => {
    const generator = new Generator(8)
    const before = generator.get_state()
    expect(() => generator.set_state(spoil(before))).toThrow(expect.objectContaining({ code: 'GENERATOR_STATE' }))
    expect(generator.get_state()).toEqual(before)
  })
})

describe('seeds', () => {
  test('the seed that torch.Generator has by default', () =>
    expect(new Generator().initial_seed()).toBe(67280421310721))

  test('manual_seed starts again, also with a normal number left over', () => {
    const generator = new Generator(1)
    const first = normals(generator, 3)
    expect(normals(generator, 3)).not.toEqual(first)
    expect(normals(generator.manual_seed(1), 3)).toEqual(first)
  })

  test('set_seed and manual_seed seed the generator of all calls', () => {
    set_seed(12)
    const numbers = normals(default_generator, 20)
    expect(default_generator.initial_seed()).toBe(12)
    expect(normals(manual_seed(12), 20)).toEqual(numbers)
    expect(normals(new Generator(12), 20)).toEqual(numbers)
  })

  test('a release stays until another one is given', () => {
    const generator = new Generator(1, { torch: '2.6' })
    expect(generator.manual_seed(2).torch).toBe('2.6')
    expect(generator.manual_seed(2, { torch: '2.7' }).torch).toBe('2.7')
  })

  test('seed() takes one that nobody knows and tells it', () => {
    const generator = new Generator(1)
    const seed = generator.seed()
    expect(generator.initial_seed()).toBe(seed)
    expect(normals(generator, 4)).toEqual(normals(new Generator(seed), 4))
  })

  test('freshSeed() is a 32-bit whole number', () => {
    for (let i = 0; i < 100; i++) {
      const seed = freshSeed()
      expect(seed >>> 0).toBe(seed)
    }
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53, '7', null, undefined])('%s is none', seed => {
    expect(() => set_seed(seed as number)).toThrow(expect.objectContaining({ code: 'GENERATOR_VALUE' }))
  })

  test('an unknown release is refused', () => {
    const torch = '1.13' as '2.6'
    expect(() => new Generator(1, { torch })).toThrow("'2.6' or '2.7'")
    expect(() => set_seed(1, { torch })).toThrow(expect.objectContaining({ code: 'GENERATOR_VALUE' }))
  })
})

test.each([
  ['a negative weight', [1, -1], 1, {}, 'place 1 of row 0 has the weight -1'],
  ['NaN', [1, 2, Number.NaN, 1], 1, { rows: 2 }, 'place 0 of row 1 has the weight NaN'],
  ['infinity', [Infinity, 1], 2, { replacement: true }, 'place 0 of row 0 has the weight Infinity'],
  ['a row of zeros', [1, 1, 0, 0], 1, { rows: 2 }, 'all weights of row 1 are zero'],
  ['more samples than places', [1, 2], 3, {}, '3 samples without replacement from 2 places'],
  ['no sample', [1, 2], 0, {}, 'num_samples'],
  ['rows of unequal width', [1, 2, 3], 1, { rows: 2 }, '3 weights'],
  ['no weights', [], 1, {}, '0 weights'],
])('multinomial refuses %s and draws nothing', (_, weights, count, options, message) => {
  const generator = new Generator(1)
  const before = generator.get_state()
  const draw = () => generator.multinomial(Float32Array.from(weights), count, options)
  expect(draw).toThrow(InputError)
  expect(draw).toThrow(message)
  expect(generator.get_state()).toEqual(before)
})

test('more samples than places with a weight: those without come last, in their order', () => {
  expect(Array.from(new Generator(1).multinomial(Float32Array.of(0, 0, 5, 0), 3))).toEqual([2, 0, 1])
})

test('randint refuses a range without numbers', () => {
  expect(() => new Generator(1).randint(3, 3, 1)).toThrow(expect.objectContaining({ code: 'RANDINT' }))
})

test.each(['2.6', '2.7'] as const)('a draw among few places is the draw from the whole row (PyTorch %s)', torch => {
  const weight = fc.oneof(fc.constant(0), fc.float({ min: 0, max: 1, noNaN: true }), fc.constant(1e-40))
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 60 }), fc.nat(1000), (list, seed) => {
      const row = Float32Array.from([...list, 0.5, 0])
      const [whole, few] = [new Generator(seed, { torch }), new Generator(seed, { torch })]
      const places = Int32Array.from(row.keys()).filter(place => row[place] !== 0)
      const weights = places.length === 0 ? row : Float32Array.from(places, place => row[place]!)
      const width = row.length
      for (let round = 0; round < 5; round++) {
        const [drawn, skipped, full] = few.drawAmong(
          [
            { places, weights, count: places.length, width },
            undefined,
            { places: undefined, weights: row, count: width, width },
          ],
          width,
        )
        const expected = whole.multinomial(Float32Array.from([...row, ...row, ...row]), 1, { rows: 3 })
        expect([drawn, skipped, full]).toEqual([expected[0], -1, expected[2]])
      }
      expect(Buffer.compare(few.get_state(), whole.get_state())).toBe(0)
    }),
    { seed: 20261125, numRuns: 200 },
  )
})
