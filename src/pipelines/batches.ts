// Encoded texts as batches: rows filled up to one length, and a tensor's rows back as arrays.
import type { Tensor } from '../tensor/tensor.ts'
import type { SharedOptions } from './task.ts'
import type { EncodedRow, PipelineTokenizer } from './tokenizer.ts'

/** Cuts a list into parts of `size`; the last one may be smaller. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/**
 * Runs the pieces of several inputs through the model in batches that may cross from one input to the next; gives each
 * input's results. Other work gets its turn between batches. Throws the reason of `signal`.
 */
export async function inBatches<Piece, Out>(
  piecesOfInputs: readonly (readonly Piece[])[],
  { batch_size = 1, signal }: SharedOptions,
  forward: (pieces: readonly Piece[]) => Out[],
): Promise<Out[][]> {
  const outputs: Out[] = []
  for (const batch of batchesOf(piecesOfInputs.flat(), batch_size)) {
    if (outputs.length > 0) await new Promise(resolve => setTimeout(resolve, 0))
    signal?.throwIfAborted()
    outputs.push(...forward(batch))
  }
  let start = 0
  return piecesOfInputs.map(pieces => outputs.slice(start, (start += pieces.length)))
}

/** Ids and mask of a batch, filled up to one length, as a model's forward takes them; outputs are read by name. */
export interface PaddedBatch {
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  readonly token_type_ids?: number[][]
  readonly return_dict?: true
}

/** Rows of different lengths, filled up on the tokenizer's side. */
export function padRows(
  rows: readonly EncodedRow[],
  { pad_token_id = 0, padding_side }: Pick<PipelineTokenizer, 'pad_token_id' | 'padding_side'>,
): PaddedBatch {
  const length = Math.max(...rows.map(({ input_ids }) => input_ids.length))
  const pad = (values: readonly number[], filler: number): number[] => {
    const fill = new Array<number>(length - values.length).fill(filler)
    return padding_side === 'left' ? [...fill, ...values] : [...values, ...fill]
  }
  const types = rows.flatMap(({ token_type_ids }) => (token_type_ids ? [pad(token_type_ids, 0)] : []))
  return {
    input_ids: rows.map(({ input_ids }) => pad(input_ids, pad_token_id)),
    attention_mask: rows.map(({ attention_mask }) => pad(attention_mask, 0)),
    ...(types.length === rows.length && { token_type_ids: types }),
    return_dict: true,
  }
}

/** The rows of a (B, N) tensor. */
export function rowsOf(tensor: Tensor): Float32Array[] {
  const [rows, cols] = tensor.dims2()
  const data = Float32Array.from(tensor.data)
  return Array.from({ length: rows }, (_, row) => data.subarray(row * cols, (row + 1) * cols))
}

/** The vectors of a (B, T, N) tensor by row and token, without the places that padRows filled up. */
export function tokenRowsOf(
  tensor: Tensor,
  rows: readonly EncodedRow[],
  padding_side: PipelineTokenizer['padding_side'],
): Float32Array[][] {
  const [, T, N] = tensor.dims3()
  const data = Float32Array.from(tensor.data)
  return rows.map(({ input_ids: { length } }, row) => {
    const first = row * T + (padding_side === 'left' ? T - length : 0)
    return Array.from({ length }, (_, t) => data.subarray((first + t) * N, (first + t + 1) * N))
  })
}
