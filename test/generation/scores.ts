// Comparing scores with Hugging Face's: infinities must be the same, numbers within a few float32 steps.
import { expect } from 'vitest'

export function expectScores(found: ArrayLike<number>, wanted: readonly number[], tolerance = 2e-6): void {
  expect(found.length).toBe(wanted.length)
  for (const [i, target] of wanted.entries()) {
    const value = found[i]!
    if (value === target || (Number.isNaN(value) && Number.isNaN(target))) continue
    if (Math.abs(value - target) <= tolerance * Math.max(1, Math.abs(target))) continue
    expect.fail(`score ${i}: Hugging Face gives ${target}, got ${value}`)
  }
}
