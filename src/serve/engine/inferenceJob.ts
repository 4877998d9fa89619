// POST /models/NAME: a task's pipeline with the results of Hugging Face's inference API.
import { InputError } from '../../errors.ts'
import type { Task } from '../../pipelines/pipeline.ts'
import type { TextGenerationOptions, TextGenerationPipeline } from '../../pipelines/textGeneration.ts'
import { type GenerationWishes, generationEvents, type TextGenerationStreamOutput } from './generationJob.ts'
import type { Done, InferenceRequest } from './messages.ts'
import { optionsOf, type Parameters, parameterFault } from './parameters.ts'
import type { ServedModel } from './servedModel.ts'

/** At most so many texts in one request. */
const mostInputs = 1024

/** Yields the events of a stream, and returns the result. Throws InputError and what the pipeline throws. */
export async function* inferenceJob(
  served: ServedModel,
  { task: named, inputs, parameters, stream }: InferenceRequest,
  signal: AbortSignal,
): AsyncGenerator<TextGenerationStreamOutput, Done> {
  const task = taskOf(served, named, parameters)
  checkInputs(inputs)
  if (task === 'text-generation') {
    return yield* generation(await served.pipelineOf(task), inputs, { parameters, stream, signal })
  }
  if (stream) throw parameterFault('stream', `is for text-generation, and this is ${task}`)
  const pipeline = await served.pipelineOf(task)
  // The inference API answers a text as a list of one, where labels are lists themselves.
  const isWrapped = task === 'text-classification' && !Array.isArray(inputs)
  // The pipeline checks what it is given.
  const result: unknown = await (pipeline as PipelineCall)(isWrapped ? [inputs] : inputs, {
    ...optionsOf(task, parameters),
    signal,
  })
  return { result, tokens: 0 }
}

type PipelineCall = (inputs: unknown, options: object) => unknown

function taskOf(served: ServedModel, named: string | undefined, { candidate_labels }: Parameters): Task {
  if (named !== undefined) return named as Task
  const isZeroShot = candidate_labels !== undefined && served.tasks.includes('zero-shot-classification')
  return isZeroShot ? 'zero-shot-classification' : served.tasks[0]!
}

/** Throws InputError EMPTY_INPUT or TOO_MANY. */
function checkInputs(inputs: unknown): void {
  if (inputs === undefined || inputs === null) {
    throw new InputError('EMPTY_INPUT', 'the request has no inputs', { option: 'inputs', hint: '{"inputs": "…"}' })
  }
  if (!Array.isArray(inputs) || inputs.length <= mostInputs) return
  const message = `there are ${inputs.length} inputs, at most ${mostInputs} fit into a request`
  throw new InputError('TOO_MANY', message, { option: 'inputs' })
}

interface GenerationRequest extends Pick<InferenceRequest, 'parameters' | 'stream'> {
  readonly signal: AbortSignal
}

async function* generation(
  generator: TextGenerationPipeline,
  inputs: unknown,
  { parameters, stream, signal }: GenerationRequest,
): AsyncGenerator<TextGenerationStreamOutput, Done> {
  const { details = false, top_n_tokens, ...others } = parameters
  const options = { ...optionsOf('text-generation', others), signal } as TextGenerationOptions
  if (stream || details === true) {
    if (typeof inputs !== 'string') throw parameterFault(stream ? 'stream' : 'details', 'goes with one text')
    const events = generationEvents(generator, inputs, { options, top_n_tokens: countOf(top_n_tokens) })
    return stream ? yield* told(events) : await detailed(events)
  }
  let tokens = 0
  const count = (): void => void tokens++
  // The pipeline checks what it is given.
  const result: unknown = await (generator as PipelineCall)(inputs, { ...options, logits_processor: count })
  return { result, tokens }
}

function countOf(top_n_tokens: unknown): GenerationWishes['top_n_tokens'] {
  const count = top_n_tokens ?? 0
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 20) return count
  throw parameterFault('top_n_tokens', 'must be a whole number from 0 to 20')
}

type Events = AsyncGenerator<TextGenerationStreamOutput, void>

async function* told(events: Events): AsyncGenerator<TextGenerationStreamOutput, Done> {
  let tokens = 0
  for await (const event of events) {
    tokens++
    yield event
  }
  return { result: null, tokens }
}

/** The answer with details: what a stream would have told, at once. */
async function detailed(events: Events): Promise<Done> {
  const tokens: object[] = []
  const top_tokens: object[] = []
  let last: TextGenerationStreamOutput | undefined
  for await (const event of events) {
    tokens.push(event.token)
    if (event.top_tokens) top_tokens.push(event.top_tokens)
    last = event
  }
  const { input_length: _, ...ending } = last!.details!
  const details = { ...ending, prefill: [], tokens, ...(top_tokens.length > 0 && { top_tokens }) }
  return { result: [{ generated_text: last!.generated_text, details }], tokens: tokens.length }
}
