// A text that a beam search considers: its tokens, its score, and where each new token came from.

export interface Hypothesis {
  /** Prompt and new tokens. */
  readonly ids: Int32Array
  /** The sum of its log-probabilities; of finished texts with the length penalty. */
  readonly score: number
  /** For each new token the row of the beam it was put behind. */
  readonly beams: readonly number[]
}

/** The hypothesis with one more token, which came from the beam in `row`. */
export function extended({ ids, beams }: Hypothesis, token: number, row: number, score: number): Hypothesis {
  const longer = new Int32Array(ids.length + 1)
  longer.set(ids)
  longer[ids.length] = token
  return { ids: longer, score, beams: [...beams, row] }
}

/** How a text may go on: the beam of its group, the token, the sum of log-probabilities with it. */
export interface Continuation {
  readonly beam: number
  readonly token: number
  readonly score: number
}

/**
 * The `count` best of scores (beams, V) to which each beam's own score is added, the best in front; of equals the
 * first. Sums are float32, as in PyTorch.
 */
export function bestContinuations(scores: Float32Array, sums: readonly number[], count: number): Continuation[] {
  const V = scores.length / sums.length
  const best: Continuation[] = []
  let bar = -Infinity
  for (const [beam, sum] of sums.entries()) {
    const first = beam * V
    for (let token = 0; token < V; token++) {
      const score = Math.fround(scores[first + token]! + sum)
      if (best.length === count && score <= bar) continue
      let at = best.length
      while (at > 0 && best[at - 1]!.score < score) at--
      best.splice(at, 0, { beam, token, score })
      if (best.length > count) best.pop()
      if (best.length === count) bar = best[count - 1]!.score
    }
  }
  return best
}

/** The rows that texts are returned in: ids and the beams of their new tokens, filled up to one length. */
export function asRows(
  texts: readonly Hypothesis[],
  length: number,
  filler: number,
): { rows: number; length: number; ids: Int32Array } {
  const ids = new Int32Array(texts.length * length).fill(filler)
  for (const [row, text] of texts.entries()) ids.set(text.ids.subarray(0, length), row * length)
  return { rows: texts.length, length, ids }
}

/** The beams of the new tokens, (texts, length); -1 behind the end. */
export function asBeamRows(texts: readonly Hypothesis[], length: number): { length: number; values: Int32Array } {
  const values = new Int32Array(texts.length * length).fill(-1)
  for (const [row, { beams }] of texts.entries()) values.set(beams.slice(0, length), row * length)
  return { length, values }
}
