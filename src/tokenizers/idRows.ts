// Rows of token ids as callers have them: lists, typed arrays (those of BigInt too), tensors.
import { InputError, valueText } from '../errors.ts'
import { shapeText } from '../shape.ts'
import { Tensor } from '../tensor/tensor.ts'

/** One row of ids; a tensor is (T) or (1, T). */
export type IdRow = ArrayLike<number> | ArrayLike<bigint> | Tensor

/** One row of ids as numbers, for the method `who`. Throws InputError DECODE_TYPE. */
export function rowOfIds(ids: IdRow, who: string): ArrayLike<number> {
  if (ids instanceof Tensor) {
    const rows = rowsOfIds(ids, who)
    if (rows.length === 1) return rows[0]!
    throw wrongRow(who, `a tensor of shape ${shapeText(ids.shape)}`, severalRows)
  }
  if (!isList(ids)) throw wrongRow(who, valueText(ids), 'give a list of token ids, or a tensor of them')
  const list: ArrayLike<unknown> = ids
  if (isList(list[0])) throw wrongRow(who, 'a list of rows', severalRows)
  return typeof list[0] === 'bigint' ? Array.from(list, Number) : (ids as ArrayLike<number>)
}

/** Several rows; a tensor of one dim is one row. Throws InputError DECODE_TYPE. */
export function rowsOfIds(rows: readonly IdRow[] | Tensor, who: string): readonly ArrayLike<number>[] {
  if (!(rows instanceof Tensor)) {
    if (Array.isArray(rows)) return rows.map((row: IdRow) => rowOfIds(row, who))
    throw wrongRow(who, valueText(rows), 'give a list of rows of token ids, or a tensor of them')
  }
  const { rank, data } = rows
  if (rank !== 1 && rank !== 2) throw wrongRow(who, `a tensor of shape ${shapeText(rows.shape)}`, 'one dim, or two')
  const length = rows.shape[rank - 1]!
  return Array.from({ length: rank === 1 ? 1 : rows.shape[0]! }, (_, i) => data.subarray(i * length, (i + 1) * length))
}

const severalRows = 'batch_decode gives a text for each row'

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}

function wrongRow(who: string, got: string, hint: string): InputError {
  return new InputError('DECODE_TYPE', `${who}: expected a row of token ids, got ${got}`, { hint })
}
