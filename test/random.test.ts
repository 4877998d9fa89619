// The generator is MT19937: its first numbers are the published ones, and its distributions are what they say.
import { expect, test } from 'vitest'
import { freshSeed, Random } from '../src/random.ts'

test('seed 5489 gives the first numbers of the reference implementation, and its ten-thousandth', () => {
  const random = new Random(5489)
  const numbers = Array.from({ length: 10_000 }, () => random.uint32())
  expect(numbers.slice(0, 5)).toEqual([3499211612, 581869302, 3890346734, 3586334585, 545404204])
  expect(numbers[9999]).toBe(4123659995)
})

test('the same seed gives the same numbers', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 20 },
      (
        (random: Random) => () =>
          random.normal()
      )(new Random(seed)),
    )
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

test('uniform() lies in [0, 1) and is even', () => {
  const random = new Random(3)
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 20_000; i++) bins[Math.floor(random.uniform() * 10)]!++
  for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(250)
})

test('normal() has mean 0, deviation 1 and the shares of the bell curve', () => {
  const random = new Random(4)
  const numbers = Array.from({ length: 40_000 }, () => random.normal())
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const deviation = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length)
  const within = (limit: number) => numbers.filter(x => Math.abs(x) < limit).length / numbers.length
  expect(Math.abs(mean)).toBeLessThan(0.02)
  expect(Math.abs(deviation - 1)).toBeLessThan(0.02)
  expect(Math.abs(within(1) - 0.6827)).toBeLessThan(0.01)
  expect(Math.abs(within(2) - 0.9545)).toBeLessThan(0.005)
})

test('freshSeed() is a 32-bit whole number', () => {
  for (let i = 0; i < 100; i++) {
    const seed = freshSeed()
    expect(seed >>> 0).toBe(seed)
  }
})
