// What all pipelines share: one input or a list, in batches, results in the order of the inputs.

/** Cuts a list into parts of `size`; the last one may be smaller. Throws RangeError unless size is a whole number from 1 on. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`batch_size must be a whole number from 1 on, got ${size}`)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** Ids and mask of a batch, filled up to one length. */
export interface PaddedBatch {
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  readonly token_type_ids?: number[][] | undefined
}

/** Rows of different lengths, filled up on the tokenizer's side. */
export function padRows(
  rows: readonly { input_ids: number[]; attention_mask: number[]; token_type_ids?: number[] | undefined }[],
  {
    pad_token_id,
    pad_token_type_id,
    padding_side,
  }: { pad_token_id: number; pad_token_type_id: number; padding_side: 'left' | 'right' },
): PaddedBatch {
  const length = Math.max(...rows.map(({ input_ids }) => input_ids.length))
  const pad = (values: number[], filler: number): number[] => {
    const fill = new Array<number>(length - values.length).fill(filler)
    return padding_side === 'left' ? [...fill, ...values] : [...values, ...fill]
  }
  const types = rows.flatMap(({ token_type_ids }) => (token_type_ids ? [pad(token_type_ids, pad_token_type_id)] : []))
  return {
    input_ids: rows.map(({ input_ids }) => pad(input_ids, pad_token_id)),
    attention_mask: rows.map(({ attention_mask }) => pad(attention_mask, 0)),
    ...(types.length === rows.length && { token_type_ids: types }),
  }
}
