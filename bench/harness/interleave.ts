// Measuring several contestants in turns, so that what the machine does meanwhile meets them all.
import { setTimeout as pause } from 'node:timers/promises'
import { type Spread, spreadOf } from './statistics.ts'

export interface Contestant {
  readonly name: string
  /** Does the work once and returns what was measured. */
  run(): Promise<number>
}

export interface Standing {
  readonly spread?: Spread
  /** Why it dropped out. */
  readonly failure?: string
}

/**
 * One round that does not count, then `rounds` that do; in each the contestants run one after the other, and another one
 * begins. One that throws drops out and harms no other. `rest`: milliseconds after each, for threads that still spin to go to
 * sleep.
 */
export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
  { warmUp = true, rest = 0 }: { warmUp?: boolean; rest?: number } = {},
): Promise<Map<string, Standing>> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  const failures = new Map<string, string>()
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    const first = Math.max(round, 0) % Math.max(contestants.length, 1)
    for (const { name, run } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      if (failures.has(name)) continue
      try {
        const value = await run()
        if (round >= 0) samples.get(name)?.push(value)
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error))
      }
      await pause(rest)
    }
  }
  return new Map(
    contestants.map(({ name }) => {
      const failure = failures.get(name)
      return [name, failure === undefined ? { spread: spreadOf(samples.get(name) ?? []) } : { failure }]
    }),
  )
}
