// POST /models/NAME: Hugging Face's inference API.
import { loadedModel, type ServeContext } from './context.ts'
import type { InferenceRequest } from './engine/messages.ts'
import type { Exchange } from './exchange.ts'
import { RequestFields } from './requestFields.ts'

/** Answers a request for a model, and a task if the path names one. Throws ServeError and EngineFault. */
export async function answerInference(
  context: ServeContext,
  exchange: Exchange,
  [model = '', task]: readonly string[],
): Promise<void> {
  const { request, wait } = inferenceRequest(await exchange.body(), exchange, { model, task })
  const { signal } = exchange
  await loadedModel(context, model, { wait, signal })
  const onEvent = (event: unknown): void => exchange.event(event)
  const done = await context.queue.run(() => context.engine.run(request, { signal, onEvent }), signal)
  context.metrics.generated(done.tokens)
  if (exchange.streams) exchange.endEvents()
  else exchange.json(200, done.result)
}

interface Named {
  readonly model: string
  readonly task: string | undefined
}

/** Throws ServeError 400. */
function inferenceRequest(
  body: unknown,
  exchange: Exchange,
  { model, task }: Named,
): { request: InferenceRequest; wait: boolean } {
  const fields = new RequestFields(body)
  const inputs = fields.value('inputs')
  const stream = fields.boolean('stream') ?? false
  const options = new RequestFields(fields.object('options'))
  const wait = options.boolean('wait_for_model') ?? exchange.header('x-wait-for-model') === 'true'
  // Answers are not kept, so there is nothing that use_cache could turn off.
  options.ignore('use_cache', 'use_gpu')
  options.end()
  const parameters = { ...fields.object('parameters') }
  // Parameters of this task stand beside the inputs, as Hugging Face's clients send them.
  if (task === 'feature-extraction') Object.assign(parameters, fields.rest())
  else fields.end()
  return { request: { kind: 'inference', model, task, inputs, parameters, stream }, wait }
}
