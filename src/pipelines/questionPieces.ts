// A question and a text as the pieces that a model takes, and the way back from tokens to places in the text. Fast tokenizers tell
// where their tokens came from; for Python's the text is cut at white space first, as SQuAD's own reader does.
import { InputError } from '../errors.ts'
import { CodePoints } from './codePoints.ts'
import { type EncodedRow, encodeText, type PipelineTokenizer } from './tokenizer.ts'

export interface QuestionLimits {
  /** The most tokens of a piece, question included. */
  readonly max_seq_len: number
  /** Tokens that pieces share (fast tokenizers), or tokens from one piece to the next (Python's). */
  readonly doc_stride: number
  /** The most tokens of the question; Python's tokenizers only. */
  readonly max_question_len: number
  readonly align_to_words: boolean
  readonly padding: boolean | string
}

/** Where an answer stands, in code points. */
export interface AnswerPlace {
  readonly start: number
  readonly end: number
  readonly answer: string
}

export interface QuestionPiece extends EncodedRow {
  /** Which tokens can be in an answer. */
  readonly allowed: readonly boolean[]
  /** The place of an answer from a first to a last token. */
  place(first: number, last: number): AnswerPlace
}

interface FastEncoding {
  input_ids: number[][]
  attention_mask: number[][]
  token_type_ids?: number[][]
  offset_mapping: [number, number][][]
  word_ids(row: number): (number | null)[]
  sequence_ids(row: number): (number | null)[]
}

/**
 * The pieces with a fast tokenizer. The question comes first, unless the tokenizer pads on the left; answers are in the text either
 * way, while Hugging Face then takes tokens of the question for some of the text, and so gives other scores.
 */
export function fastPieces(
  tokenizer: PipelineTokenizer,
  question: string,
  context: string,
  { max_seq_len, doc_stride, align_to_words, padding }: QuestionLimits,
): QuestionPiece[] {
  const questionFirst = tokenizer.padding_side === 'right'
  const encoded = tokenizer(questionFirst ? question : context, {
    text_pair: questionFirst ? context : question,
    padding,
    truncation: questionFirst ? 'only_second' : 'only_first',
    max_length: max_seq_len,
    stride: doc_stride,
    return_overflowing_tokens: true,
    return_offsets_mapping: true,
  }) as FastEncoding
  const text = new CodePoints(context)
  const sequence = questionFirst ? 1 : 0
  return encoded.input_ids.map((input_ids, row) => {
    const sequences = encoded.sequence_ids(row)
    const words = encoded.word_ids(row)
    const offsets = encoded.offset_mapping[row]!
    const isWord = (token: number): boolean => words[token] !== null && words[token] !== undefined
    /** Start and end of the word that a token is part of. */
    const extent = (token: number): readonly [number, number] => {
      const isPart = (_: unknown, i: number): boolean => words[i] === words[token] && sequences[i] === sequence
      return [offsets.find(isPart)![0], offsets.findLast(isPart)![1]]
    }
    return {
      input_ids,
      attention_mask: encoded.attention_mask[row]!,
      ...(encoded.token_type_ids && { token_type_ids: encoded.token_type_ids[row]! }),
      allowed: input_ids.map((id, i) => sequences[i] === sequence || id === tokenizer.cls_token_id),
      place: (first, last) => {
        const isAligned = align_to_words && isWord(first) && isWord(last)
        const [start] = isAligned ? extent(first) : offsets[first]!
        const [, end] = isAligned ? extent(last) : offsets[last]!
        return { start, end, answer: text.slice(start, end) }
      },
    }
  })
}

/** The pieces with one of Python's tokenizers: the text in windows that begin doc_stride tokens apart. */
export function slowPieces(
  tokenizer: PipelineTokenizer,
  question: string,
  context: string,
  { max_seq_len, doc_stride, max_question_len }: QuestionLimits,
): QuestionPiece[] {
  const { words, wordOf } = wordsOf(context)
  const idsOf = (text: string): readonly number[] =>
    encodeText(tokenizer, text, { add_special_tokens: false }, 'question-answering').input_ids
  const query = idsOf(question).slice(0, max_question_len)
  const tokens = words.flatMap((word, i) => idsOf(word).map(id => ({ id, word: i })))
  const [before, room] = [query.length + 2, max_seq_len - query.length - 3]
  if (room < 1) {
    const message = `question-answering: the question has ${query.length} tokens and leaves no room for the text in ${max_seq_len}`
    throw new InputError('TOO_LONG', message, { hint: 'give a larger max_seq_len, or a smaller max_question_len' })
  }
  const pieces: QuestionPiece[] = []
  const specials = new Set(tokenizer.all_special_ids)
  for (let first = 0; first < tokens.length; first += doc_stride) {
    const window = tokens.slice(first, first + room)
    const input_ids = [tokenizer.cls_token_id!, ...query, tokenizer.sep_token_id!]
    input_ids.push(...window.map(({ id }) => id), tokenizer.sep_token_id!)
    pieces.push({
      input_ids,
      attention_mask: input_ids.map(() => 1),
      token_type_ids: input_ids.map((_, i) => (i < before ? 0 : 1)),
      allowed: input_ids.map((id, i) => i === 0 || (i >= before && !specials.has(id))),
      place: (start, end) => {
        const [from, to] = [window[start - before]!.word, window[end - before]!.word]
        // The end is the last place that counts to the word, the white space behind it included.
        return { start: wordOf.indexOf(from), end: wordOf.lastIndexOf(to), answer: words.slice(from, to + 1).join(' ') }
      },
    })
    if (first + room >= tokens.length) break
  }
  return pieces
}

/** The words of a text, and for each code point the number of its word; white space counts to the word before it. */
function wordsOf(text: string): { words: string[]; wordOf: number[] } {
  const words: string[] = []
  const wordOf: number[] = []
  let isNew = true
  for (const character of text) {
    if (' \t\r\n\u202f'.includes(character)) isNew = true
    else if (isNew) {
      words.push(character)
      isNew = false
    } else words.push(words.pop()! + character)
    wordOf.push(words.length - 1)
  }
  return { words, wordOf }
}
