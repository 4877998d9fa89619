// Logits as probabilities, on plain arrays.

/** e^x / sum e^x. */
export function softmaxOf(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits)
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = values.map(x => Math.exp(x - max))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(x => x / sum)
}

/** 1 / (1 + e^-x) */
export function sigmoidOf(logits: ArrayLike<number>): number[] {
  return Array.from(logits, x => 1 / (1 + Math.exp(-x)))
}

/** The place of the highest value, the first of several. */
export function highest(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** The places of the values from the highest to the lowest, equal ones in their order. */
export function ranking(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!)
}
