// The post_processor of a tokenizer.json: what stands around texts, read and written.
import { FileError } from '../../errors.ts'
import { bare, type PostProcessor, type TemplatePiece } from '../call/postProcessor.ts'
import { componentAt, componentOf } from './component.ts'
import type { JsonFields } from './jsonFields.ts'

const known = ['BertProcessing', 'TemplateProcessing', 'ByteLevel', 'Sequence'] as const

/** Throws FileError TOKENIZER_JSON, and ConfigError UNSUPPORTED_COMPONENT. */
export function postProcessorOf(root: JsonFields): PostProcessor {
  const found = componentAt(root, 'post_processor', known)
  if (!found) return bare
  const parts = found.type === 'Sequence' ? found.fields.objects('processors') : [found.fields]
  return Object.assign({}, bare, ...parts.map(processorOf))
}

function processorOf(fields: JsonFields): Partial<PostProcessor> {
  const { type } = componentOf(fields, ['BertProcessing', 'TemplateProcessing', 'ByteLevel'])
  if (type === 'ByteLevel') {
    const add_prefix_space = fields.flag('add_prefix_space', true)
    return fields.flag('trim_offsets', true) ? { trimOffsets: { add_prefix_space } } : {}
  }
  return type === 'BertProcessing' ? bertTemplate(fields) : templateOf(fields)
}

/** [CLS] first [SEP] second [SEP], of a [token, id] each. */
export function aroundBert(cls: readonly [string, number], sep: readonly [string, number]): PostProcessor {
  const piece = ([token, id]: readonly [string, number], type_id: number) => ({ ids: [id], tokens: [token], type_id })
  const single: TemplatePiece[] = [piece(cls, 0), { sequence: 0, type_id: 0 }, piece(sep, 0)]
  return { single, pair: [...single, { sequence: 1, type_id: 1 }, piece(sep, 1)] }
}

function bertTemplate(fields: JsonFields): PostProcessor {
  const tokenOf = (name: string): [string, number] => {
    const [token, id] = fields.list(name)
    if (typeof token === 'string' && typeof id === 'number') return [token, id]
    throw fields.problem(name, 'a token and its id')
  }
  return aroundBert(tokenOf('cls'), tokenOf('sep'))
}

function templateOf(fields: JsonFields): PostProcessor {
  const specials = fields.object('special_tokens')
  const pieceOf = (piece: JsonFields): TemplatePiece => {
    if (piece.get('Sequence') !== undefined) {
      const sequence = piece.object('Sequence')
      const id = sequence.text('id')
      if (id !== 'A' && id !== 'B') throw sequence.problem('id', 'A or B')
      return { sequence: id === 'A' ? 0 : 1, type_id: sequence.count('type_id', 0) }
    }
    const special = piece.object('SpecialToken')
    return { ...tokensOf(specials.object(special.text('id'))), type_id: special.count('type_id', 0) }
  }
  return { single: fields.objects('single').map(pieceOf), pair: fields.objects('pair').map(pieceOf) }
}

/** The ids and texts of one special token of a template, which may be several. */
function tokensOf(special: JsonFields): { ids: number[]; tokens: string[] } {
  const ids = special.list('ids')
  const tokens = special.list('tokens')
  const isNumbers = ids.every((id): id is number => typeof id === 'number' && Number.isInteger(id) && id >= 0)
  if (!isNumbers) throw special.problem('ids', 'ids')
  const isTexts = tokens.every((token): token is string => typeof token === 'string')
  if (!isTexts || tokens.length !== ids.length) throw special.problem('tokens', 'as many tokens as ids')
  return { ids: [...ids], tokens: [...tokens] }
}

/** Throws FileError TOKENIZER_JSON when a template puts an id around texts that is not that of its token. */
export function checkTemplate({ single, pair }: PostProcessor, idOf: (token: string) => number | undefined): void {
  for (const piece of [...single, ...pair]) {
    if (!('ids' in piece)) continue
    for (const [i, id] of piece.ids.entries()) {
      const token = piece.tokens[i]!
      if (idOf(token) === id) continue
      throw new FileError(
        'TOKENIZER_JSON',
        `tokenizer.json: post_processor gives ${JSON.stringify(token)} the id ${id}`,
        {
          id,
          hint: `it has ${idOf(token) ?? 'none'}`,
        },
      )
    }
  }
}

/** The JSON of a post-processor: ByteLevel with nothing around, TemplateProcessing, or both. */
export function postProcessorJson(processor: PostProcessor, isByteLevel: boolean): unknown {
  const pieces = [...processor.single, ...processor.pair].filter(piece => 'ids' in piece)
  const trim_offsets = processor.trimOffsets !== undefined
  const add_prefix_space = processor.trimOffsets?.add_prefix_space ?? true
  const bytes = { type: 'ByteLevel', add_prefix_space, trim_offsets, use_regex: true }
  if (pieces.length === 0 && isByteLevel) return bytes
  const nameOf = (tokens: readonly string[]): string => tokens.join(' ')
  const pieceJson = (piece: TemplatePiece) =>
    'ids' in piece
      ? { SpecialToken: { id: nameOf(piece.tokens), type_id: piece.type_id } }
      : { Sequence: { id: piece.sequence === 0 ? 'A' : 'B', type_id: piece.type_id } }
  const special_tokens = new Map(
    pieces.map(({ ids, tokens }) => [nameOf(tokens), { id: nameOf(tokens), ids, tokens }] as const),
  )
  const template = {
    type: 'TemplateProcessing',
    single: processor.single.map(pieceJson),
    pair: processor.pair.map(pieceJson),
    special_tokens,
  }
  return trim_offsets ? { type: 'Sequence', processors: [bytes, template] } : template
}
