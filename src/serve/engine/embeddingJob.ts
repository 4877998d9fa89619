// POST /v1/embeddings: one vector for each text.
import { encodeText } from '../../pipelines/tokenizer.ts'
import type { EmbeddingRequest } from '../openai/embeddingRequest.ts'
import type { Done } from './messages.ts'
import type { ServedModel } from './servedModel.ts'

/** The answer's parts that need the model. */
export interface Embeddings {
  readonly vectors: readonly (readonly number[])[]
  readonly prompt_tokens: number
}

/** Throws what the pipeline throws. */
export async function embeddingJob(
  served: ServedModel,
  { texts, pooling, normalize, truncate }: EmbeddingRequest,
  signal: AbortSignal,
): Promise<Done> {
  const extractor = await served.pipelineOf('feature-extraction')
  const usual = served.pooling
  const options = { pooling: pooling ?? usual.pooling, normalize: normalize ?? usual.normalize }
  const vectors = await extractor(texts, { ...options, ...(truncate && { truncation: true }), signal })
  const forTokens = truncate ? { truncation: true } : {}
  const counts = texts.map(text => encodeText(served.tokenizer, text, forTokens, 'embeddings').input_ids.length)
  const result: Embeddings = { vectors, prompt_tokens: counts.reduce((a, b) => a + b, 0) }
  return { result, tokens: 0 }
}
