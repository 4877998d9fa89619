// What is said of repeated measurements.

export interface Spread {
  readonly median: number
  /** First and third quartile: half of the measurements lie between them. */
  readonly low: number
  readonly high: number
  readonly mean: number
  /** Standard deviation of the sample; 0 for one measurement. */
  readonly deviation: number
  readonly samples: readonly number[]
}

/** Throws Error without measurements. */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error('there are no measurements')
  const sorted = [...samples].sort((a, b) => a - b)
  const mean = samples.reduce((a, b) => a + b, 0) / samples.length
  const squares = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  const deviation = samples.length > 1 ? Math.sqrt(squares / (samples.length - 1)) : 0
  const [low, median, high] = [0.25, 0.5, 0.75].map(share => quantile(sorted, share)) as [number, number, number]
  return { median, low, high, mean, deviation, samples }
}

/** The value below which a share of the sorted numbers lies, between neighbours by their distance. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]!
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at))
}
