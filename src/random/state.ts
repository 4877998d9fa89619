// The state of a generator as bytes, laid out as torch's get_state() has it (aten/src/ATen/CPUGeneratorImpl.cpp).
import { InputError } from '../errors.ts'
import { blockSize, type TwisterState } from './mersenneTwister.ts'

export interface GeneratorState extends TwisterState {
  readonly seed: bigint
  /** The normal number that is already made, if there is one. */
  readonly spare: number | undefined
}

/** Places of the fields; words take eight bytes each, of which four count. */
const field = {
  seed: 0,
  left: 8,
  seeded: 12,
  next: 16,
  words: 24,
  spare: 32 + 8 * blockSize,
  hasSpare: 48 + 8 * blockSize,
}
const byteLength = 64 + 8 * blockSize

export function encodeState({ seed, left, next, words, spare }: GeneratorState): Uint8Array {
  const view = new DataView(new ArrayBuffer(byteLength))
  view.setBigUint64(field.seed, seed, true)
  view.setInt32(field.left, left, true)
  view.setInt32(field.seeded, 1, true)
  view.setUint32(field.next, next, true)
  for (const [i, word] of words.entries()) view.setUint32(field.words + 8 * i, word, true)
  view.setFloat64(field.spare, spare ?? 0, true)
  view.setInt32(field.hasSpare, spare === undefined ? 0 : 1, true)
  return new Uint8Array(view.buffer)
}

/** Throws InputError GENERATOR_STATE for bytes that are no state. */
export function decodeState(bytes: Uint8Array): GeneratorState {
  if (bytes.length !== byteLength) {
    throw new InputError('GENERATOR_STATE', `set_state: a state has ${byteLength} bytes, got ${bytes.length}`, {
      hint: 'give what get_state() returned',
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const left = view.getInt32(field.left, true)
  const next = view.getUint32(field.next, true)
  const atEnd = left === 1 && next <= blockSize
  if (view.getInt32(field.seeded, true) !== 1 || !(atEnd || (left > 1 && left + next === blockSize + 1))) {
    throw new InputError('GENERATOR_STATE', `set_state: place ${next} with ${left} draws left is no state`)
  }
  return {
    seed: view.getBigUint64(field.seed, true),
    left,
    next,
    words: Uint32Array.from({ length: blockSize }, (_, i) => view.getUint32(field.words + 8 * i, true)),
    spare: view.getInt32(field.hasSpare, true) === 1 ? view.getFloat64(field.spare, true) : undefined,
  }
}
