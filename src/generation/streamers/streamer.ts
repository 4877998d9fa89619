// What a streamer is: it gets the tokens of generate() as they come.

export interface BaseStreamer {
  /** First the prompts, then each step's new tokens: one list for each row, empty for a row that has ended. */
  put(rows: readonly (readonly number[])[]): void
  /** All rows have ended. */
  end(): void
  /** Generation failed, or was stopped by its signal; without this method the streamer just hears no more. */
  fail?(error: unknown): void
}
