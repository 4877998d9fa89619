// What pipelines need of a tokenizer; every tokenizer of this library has it, and a user's own may.

/** One text, encoded. */
export interface EncodedText {
  readonly input_ids: number[]
  readonly attention_mask?: number[]
  readonly token_type_ids?: number[]
}

export interface PipelineTokenizer {
  (text: string, options?: Readonly<Record<string, unknown>>): object
  decode(ids: readonly number[], options?: Readonly<Record<string, unknown>>): string
  readonly padding_side: string
  readonly pad_token_id: number | undefined
  readonly sep_token_id: number | undefined
}

/** Encodes one text; the mask is all ones when the tokenizer gives none. */
export function encodeText(
  tokenizer: PipelineTokenizer,
  text: string,
  options: Readonly<Record<string, unknown>>,
): Required<Pick<EncodedText, 'input_ids' | 'attention_mask'>> & EncodedText {
  const encoded = { ...tokenizer(text, options) } as EncodedText
  return { ...encoded, attention_mask: encoded.attention_mask ?? encoded.input_ids.map(() => 1) }
}

/** How a tokenizer fills up rows. */
export function paddingOf({ pad_token_id = 0, padding_side }: PipelineTokenizer) {
  return {
    pad_token_id,
    pad_token_type_id: 0,
    padding_side: padding_side === 'left' ? ('left' as const) : ('right' as const),
  }
}
