// The body of POST /v1/embeddings, checked.
import { type Pooling, poolings } from '../../pipelines/pooling.ts'
import { RequestFields } from '../requestFields.ts'
import { badField } from '../serveError.ts'

export interface EmbeddingRequest {
  readonly kind: 'embedding'
  readonly model: string
  readonly texts: readonly string[]
  readonly encoding_format: 'float' | 'base64'
  /** Hugging Face's names; the model's folder decides unless they are given. */
  readonly pooling: Exclude<Pooling, 'none'> | undefined
  readonly normalize: boolean | undefined
  /** Cut texts that are too long for the model. */
  readonly truncate: boolean
}

const mostTexts = 2048

/** Throws ServeError 400. */
export function embeddingRequest(body: unknown): EmbeddingRequest {
  const fields = new RequestFields(body)
  const format = fields.text('encoding_format') ?? 'float'
  if (format !== 'float' && format !== 'base64') {
    throw badField('encoding_format', `encoding_format must be 'float' or 'base64', got '${format}'`)
  }
  const request: EmbeddingRequest = {
    kind: 'embedding',
    model: fields.text('model') ?? '',
    texts: textsOf(fields.value('input')),
    encoding_format: format,
    pooling: poolingOf(fields.text('pooling')),
    normalize: fields.boolean('normalize'),
    truncate: fields.boolean('truncate') ?? false,
  }
  fields.only('dimensions', undefined, 'a vector of these models cannot be cut')
  fields.ignore('user')
  fields.end()
  return request
}

function textsOf(input: unknown): string[] {
  const texts: unknown[] = input === undefined ? [] : [input].flat()
  if (texts.length > mostTexts) throw badField('input', `at most ${mostTexts} texts fit into a request`)
  if (texts.length > 0 && texts.every(text => typeof text === 'string' && text !== '')) return texts as string[]
  const message = 'input must be a text or a list of texts, none of them empty'
  throw badField('input', message, 'token ids of other tokenizers mean nothing here')
}

function poolingOf(pooling: string | undefined): EmbeddingRequest['pooling'] {
  if (pooling === undefined) return undefined
  const found = poolings.find(name => name === pooling)
  if (found !== undefined && found !== 'none') return found
  throw badField('pooling', `pooling must be one of ${poolings.filter(name => name !== 'none').join(', ')}`)
}
