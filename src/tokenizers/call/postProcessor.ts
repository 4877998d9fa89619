// What stands around texts: [CLS] and [SEP] of BERT, the beginning token of GPT-2, or the template of a tokenizer.json.
import { byteCharacters } from '../model/byteLevel.ts'
import { isWhitespace } from '../text/characters.ts'
import { Encoding } from './encoding.ts'
import { TokenList } from './tokenList.ts'

/** Tokens, or the first (0) or second (1) text, with the number that token_type_ids gives them. */
export type TemplatePiece =
  | { readonly ids: readonly number[]; readonly tokens: readonly string[]; readonly type_id: number }
  | { readonly sequence: 0 | 1; readonly type_id: number }

export interface PostProcessor {
  readonly single: readonly TemplatePiece[]
  readonly pair: readonly TemplatePiece[]
  /** Leave the white space out that byte-level tokens begin or end with, but not a blank that add_prefix_space put there. */
  readonly trimOffsets?: { readonly add_prefix_space: boolean }
}

/** Nothing around the texts. */
export const bare: PostProcessor = {
  single: [{ sequence: 0, type_id: 0 }],
  pair: [
    { sequence: 0, type_id: 0 },
    { sequence: 1, type_id: 1 },
  ],
}

/** The same, both texts of one type. */
export const untyped: PostProcessor = {
  single: bare.single,
  pair: bare.pair.map(piece => ({ ...piece, type_id: 0 })),
}

/** Number of tokens that a template adds. */
export function addedCount(template: readonly TemplatePiece[]): number {
  return template.reduce((sum, piece) => sum + ('ids' in piece ? piece.ids.length : 0), 0)
}

/** One text or a pair as a row; `withSpecial` puts the template's tokens around. */
export function assembled(
  { single, pair, trimOffsets }: PostProcessor,
  texts: readonly [TokenList, (TokenList | undefined)?],
  withSpecial: boolean,
): Encoding {
  const row = new Encoding()
  for (const piece of texts[1] ? pair : single) {
    if ('sequence' in piece) {
      const list = texts[piece.sequence] ?? new TokenList()
      row.pushText(trimOffsets ? trimmed(list, trimOffsets.add_prefix_space) : list, piece.sequence, piece.type_id)
    } else if (withSpecial) {
      for (const [i, id] of piece.ids.entries()) row.pushSpecial(id, piece.tokens[i]!, piece.type_id)
    }
  }
  return row
}

/** process_offsets of byte_level.rs. */
function trimmed(list: TokenList, add_prefix_space: boolean): TokenList {
  const starts = [...list.starts]
  const ends = [...list.ends]
  for (const [i, token] of list.tokens.entries()) {
    const characters = [...token]
    const solid = characters.findIndex(character => !isSpace(character))
    const leading = solid === -1 ? characters.length : solid
    const trailing = characters.length - 1 - characters.findLastIndex(character => !isSpace(character))
    const isPrefix = (i === 0 || starts[i] === 0) && add_prefix_space && leading === 1
    if (leading > 0 && !isPrefix) starts[i] = Math.min(starts[i]! + leading, ends[i]!)
    if (trailing > 0 && ends[i]! >= trailing) ends[i] = Math.max(ends[i]! - trailing, starts[i]!)
  }
  return new TokenList({ ...list, starts, ends })
}

function isSpace(character: string): boolean {
  return character === byteCharacters[0x20] || isWhitespace(character.codePointAt(0)!, 'fast')
}
