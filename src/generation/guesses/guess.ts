// Guesses of the next tokens, which a model then checks in one pass.

export interface Guess {
  readonly tokens: readonly number[]
  /** For each token the probabilities (V) that it was drawn with; left out when it was not drawn. */
  readonly probabilities?: readonly Float32Array[]
}

export interface Guesser {
  /** Up to `most` tokens that may follow the ids. */
  guess(ids: Int32Array, most: number): Guess
  /** Told how many of the last guess's tokens were right. */
  learn(right: number): void
  dispose(): void
}
