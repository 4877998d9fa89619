// Work that is done a thousand times takes no more memory than once: that of the engine, of V8 and of the process.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./repeat.mjs', import.meta.url))

interface Sample {
  readonly run: number
  readonly heap: number
  readonly rss: number
  readonly tensors: number
  readonly bytes: number
}

/** What repeat.mjs measured, at equal distances. */
function measured(work: string, runs: number): Sample[] {
  // V8 enlarges its young generation once, by 16 MiB, at a moment of its own choosing: here it has that size from the start.
  const flags = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16']
  const args = [...flags, script, work, String(runs)]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}

/** Bytes that each run adds, by the line that fits all samples best. */
function slope(samples: readonly Sample[], of: 'heap' | 'rss'): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const [x, y] = [mean(samples.map(({ run }) => run)), mean(samples.map(sample => sample[of]))]
  const sum = (f: (sample: Sample) => number) => samples.reduce((total, sample) => total + f(sample), 0)
  return sum(sample => (sample.run - x) * (sample[of] - y)) / sum(({ run }) => (run - x) ** 2)
}

test.each([
  ['generations', 1000],
  ['forwards', 10_000],
  ['loads', 50],
])(
  '%s: %i of them',
  (work, runs) => {
    const samples = measured(work, runs)
    expect(samples).toHaveLength(10)
    expect(new Set(samples.map(({ tensors, bytes }) => `${tensors} ${bytes}`)).size).toBe(1)
    const later = samples.slice(3)
    // A load makes thousands of objects, of which some outlive a collection or two.
    expect(slope(later, 'heap')).toBeLessThan(work === 'loads' ? 16_384 : 1024)
    expect(later.at(-1)!.rss - later[0]!.rss).toBeLessThan(8 * 2 ** 20)
  },
  120_000,
)
