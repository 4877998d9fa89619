// The routes below /v1: completions, embeddings and the list of models, in OpenAI's forms.
import { randomUUID } from 'node:crypto'
import { loadedModel, type ServeContext } from '../context.ts'
import type { CompletionChoice } from '../engine/completionAnswer.ts'
import type { CompletionUsage } from '../engine/completionJob.ts'
import type { Embeddings } from '../engine/embeddingJob.ts'
import type { Done, JobRequest } from '../engine/messages.ts'
import type { Exchange } from '../exchange.ts'
import { ServeError } from '../serveError.ts'
import { joinedChoices } from './choices.ts'
import { type CompletionRequest, completionRequest } from './completionRequest.ts'
import { embeddingRequest } from './embeddingRequest.ts'

/** POST /v1/completions. Throws ServeError and EngineFault. */
export async function answerCompletion(context: ServeContext, exchange: Exchange): Promise<void> {
  const request = completionRequest(await exchange.body())
  const { model, stream } = request
  const head = { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: seconds(), model }
  const choices: CompletionChoice[] = []
  const onEvent = (event: unknown): void => {
    // The engine's events are those of its job.
    const choice = event as CompletionChoice
    if (stream) exchange.event({ ...head, choices: [choice], ...(request.include_usage && { usage: null }) })
    else choices.push(choice)
  }
  const { result, tokens } = await run(context, exchange, request, onEvent)
  const usage = result as CompletionUsage
  context.metrics.generated(tokens)
  if (!stream) return exchange.json(200, { ...head, choices: joinedChoices(choices, answersOf(request)), usage })
  if (request.include_usage) exchange.event({ ...head, choices: [], usage })
  exchange.event('[DONE]')
  exchange.endEvents()
}

function answersOf({ prompts, n }: CompletionRequest): number {
  return prompts.length * n
}

/** POST /v1/embeddings. Throws ServeError and EngineFault. */
export async function answerEmbeddings(context: ServeContext, exchange: Exchange): Promise<void> {
  const request = embeddingRequest(await exchange.body())
  const { result } = await run(context, exchange, request)
  const { vectors, prompt_tokens } = result as Embeddings
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: request.encoding_format === 'base64' ? base64(vector) : vector,
  }))
  const usage = { prompt_tokens, total_tokens: prompt_tokens }
  exchange.json(200, { object: 'list', data, model: request.model, usage })
}

/** float32, little-endian. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(4 * vector.length)
  for (const [i, x] of vector.entries()) bytes.writeFloatLE(x, 4 * i)
  return bytes.toString('base64')
}

/** These requests wait for their model: clients of this API know no other way. */
async function run(
  context: ServeContext,
  exchange: Exchange,
  request: Exclude<JobRequest, { kind: 'inference' }>,
  onEvent?: (event: unknown) => void,
): Promise<Done> {
  const { signal } = exchange
  await loadedModel(context, request.model, { wait: true, signal })
  const job = (): Promise<Done> => context.engine.run(request, { signal, ...(onEvent && { onEvent }) })
  return context.queue.run(job, signal)
}

/** GET /v1/models. */
export function listModels({ engine, created }: ServeContext, exchange: Exchange): void {
  const data = engine.models.map(({ place }) => modelEntry(place.name, created))
  exchange.json(200, { object: 'list', data })
}

/** GET /v1/models/NAME. Throws ServeError 404. */
export function describeModel(
  { engine, created }: ServeContext,
  exchange: Exchange,
  [name = '']: readonly string[],
): void {
  if (!engine.model(name)) throw new ServeError(404, 'MODEL', `Model ${name.slice(0, 200)} does not exist`)
  exchange.json(200, modelEntry(name, created))
}

function modelEntry(id: string, created: number): object {
  return { id, object: 'model', created, owned_by: 'vitrine' }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** GET /v1/chat/completions and others that these models cannot do. */
export function refuseChat(): never {
  throw new ServeError(404, 'NO_CHAT', 'GPT-2 and BERT know no chats', { hint: 'send a prompt to /v1/completions' })
}
