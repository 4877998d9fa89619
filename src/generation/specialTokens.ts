// The tokens that end, begin and fill up texts, and the mask that hides the fillers.
import { warnOnce } from '../warnings.ts'
import type { GenerationConfig } from './config.ts'
import { checkVocabulary } from './processors/processor.ts'
import type { Prompt } from './rows.ts'
import { tokenIds } from './values.ts'

export interface SpecialTokens {
  readonly eos: readonly number[]
  /** The first of `eos` when there is no other. */
  readonly pad: number | undefined
}

/** Throws ConfigError GENERATION_VALUE for tokens that the vocabulary does not have. */
export function specialTokensOf(config: GenerationConfig, vocabulary: number): SpecialTokens {
  const { eos_token_id, pad_token_id, forced_bos_token_id, forced_eos_token_id } = config
  const eos = eos_token_id === null ? [] : tokenIds('eos_token_id', eos_token_id)
  const own = pad_token_id === null || pad_token_id < 0 ? undefined : pad_token_id
  checkVocabulary('eos_token_id', eos, vocabulary)
  checkVocabulary('pad_token_id', own === undefined ? [] : [own], vocabulary)
  checkVocabulary('forced_bos_token_id', forced_bos_token_id === null ? [] : [forced_bos_token_id], vocabulary)
  const last = forced_eos_token_id === null ? [] : tokenIds('forced_eos_token_id', forced_eos_token_id)
  checkVocabulary('forced_eos_token_id', last, vocabulary)
  return { eos, pad: own ?? eos[0] }
}

/**
 * The mask of a prompt that came without one: padding tokens do not count, unless the padding token also ends texts.
 */
export function maskOf({ ids, mask, rows, embeds }: Prompt, { pad, eos }: SpecialTokens): Int32Array {
  if (mask) return mask
  if (embeds) return new Int32Array(rows * embeds.length).fill(1)
  const hidesPadding = pad !== undefined && !eos.includes(pad) && ids.includes(pad)
  return hidesPadding ? ids.map(id => (id === pad ? 0 : 1)) : ids.map(() => 1)
}

/**
 * Warnings of padding that cannot be what was meant; `isOwn` tells whether the padding token was given as
 * such.
 */
export function warnOfPadding(prompt: Prompt, { pad, eos }: SpecialTokens, isOwn: boolean): void {
  if (pad === undefined || prompt.length === 0) return
  if (!prompt.mask && eos.includes(pad) && prompt.ids.includes(pad) && prompt.rows + prompt.length > 2) {
    warnOnce(
      'MASK_MISSING',
      `generate: without attention_mask nobody knows whether ${pad} is padding or the end of a text: hand it in.`,
    )
  }
  if (prompt.rows === 1) return
  const last = prompt.ids.filter((_, i) => (i + 1) % prompt.length === 0)
  if (last.includes(pad)) {
    warnOnce(
      'RIGHT_PADDING',
      'generate: prompts end with the padding token, and the answer would begin behind it: pad on the left, ' +
        "with { padding_side: 'left' } in the tokenizer.",
    )
  }
  if (!isOwn) {
    warnOnce(
      'PAD_IS_EOS',
      `generate: there is no pad_token_id, so rows that end early are filled up with eos_token_id, ${pad}.`,
    )
  }
}

/** How many tokens of padding each row begins with. */
export function paddingOf(mask: Int32Array, rows: number): number[] {
  const width = mask.length / rows
  return Array.from({ length: rows }, (_, row) => Math.max(mask.subarray(row * width, (row + 1) * width).indexOf(1), 0))
}
