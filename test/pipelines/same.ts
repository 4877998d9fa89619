// Comparing results of pipelines with recorded ones.
import { expect } from 'vitest'

/** Compares labels and texts exactly, scores to the precision of the recording. */
export function expectSame(actual: unknown, wanted: unknown, what: string): void {
  if (typeof wanted === 'number' && typeof actual === 'number') {
    expect(Math.abs(actual - wanted), `${what}: ${wanted}, got ${actual}`).toBeLessThanOrEqual(1e-5)
  } else if (Array.isArray(wanted)) {
    expect(Array.isArray(actual) && actual.length, what).toBe(wanted.length)
    for (const [i, item] of wanted.entries()) expectSame((actual as unknown[])[i], item, `${what}[${i}]`)
  } else if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(actual as object), what).toEqual(Object.keys(wanted))
    for (const [key, value] of Object.entries(wanted))
      expectSame(Reflect.get(actual as object, key), value, `${what}.${key}`)
  } else expect(actual, what).toBe(wanted)
}
