// Recorded calls of Hugging Face's tokenizers, and the classes here that they are compared with.
import { readFileSync } from 'node:fs'
import { BertTokenizer, BertTokenizerFast, GPT2Tokenizer, GPT2TokenizerFast } from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface RecordedCall {
  readonly method: string
  readonly args: readonly unknown[]
  readonly kwargs: Fields
  readonly out?: unknown
  readonly error?: string
}

export interface RecordedTokenizer<Call extends RecordedCall = RecordedCall> {
  readonly class: keyof typeof classes
  readonly kwargs: Fields
  readonly calls: readonly Call[]
}

const read = (name: string) => readFileSync(goldenPath(`tokenizers/${name}`), 'utf8')
const vocabulary = read('bert-base-chinese.txt')
const bytes = [read('bpe-tokenizer/vocab.json'), read('bpe-tokenizer/merges.txt')] as const

/** Each class with the vocabulary of the records. */
export const classes = {
  BertTokenizer: (options: Fields) => BertTokenizer.from_vocab(vocabulary, options),
  BertTokenizerFast: (options: Fields) => BertTokenizerFast.from_vocab(vocabulary, options),
  GPT2Tokenizer: (options: Fields) => GPT2Tokenizer.from_vocab(...bytes, options),
  GPT2TokenizerFast: (options: Fields) => GPT2TokenizerFast.from_vocab(...bytes, options),
}
