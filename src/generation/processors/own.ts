// The caller's own processors: objects with process() or _call(), and functions.
import { warnOnce } from '../../warnings.ts'
import { valueFault } from '../values.ts'
import { LogitsProcessor, type LogitsProcessorLike, type ProcessorInput } from './processor.ts'

/** A processor by what it does, as the chain calls it. */
export type Processing = Pick<LogitsProcessor, 'process'>

/** Scores of a row, also under the name that transformers.js's tensors have for them. */
class ScoreRow extends Float32Array<ArrayBufferLike> {
  get data(): this {
    return this
  }
}

type Call = (input_ids: readonly ArrayLike<number>[], scores: readonly Float32Array[]) => unknown

function called(call: Call): Processing {
  return {
    process({ ids, logits }: ProcessorInput) {
      const row = new ScoreRow(logits.buffer, logits.byteOffset, logits.length)
      return call([ids], [row])
    },
  }
}

/** Throws ConfigError GENERATION_VALUE for what is no processor. */
export function asProcessor(given: LogitsProcessorLike): Processing {
  // The type does not have functions of two parameters: with them TypeScript could not tell what a parameter is.
  if (typeof given === 'function') {
    return given.length < 2 ? { process: given } : called((...args) => Reflect.apply(given, undefined, args))
  }
  if (typeof given === 'object' && given !== null) {
    const own = given as Partial<LogitsProcessor>
    const isBase = own.process === LogitsProcessor.prototype.process
    if (typeof own.process === 'function' && !isBase) return own as Processing
    if (typeof own._call === 'function') return called(own._call.bind(own))
    if (isBase) return own as Processing
  }
  throw valueFault('logits_processor', given, 'functions, or objects with process() or _call()')
}

/** Throws ConfigError GENERATION_VALUE. */
export function ownProcessors(
  given: LogitsProcessorLike | readonly LogitsProcessorLike[] | null | undefined,
): readonly LogitsProcessorLike[] {
  if (given === null || given === undefined) return []
  const list = isList(given) ? given : [given]
  list.forEach(asProcessor)
  return list
}

function isList(given: LogitsProcessorLike | readonly LogitsProcessorLike[]): given is readonly LogitsProcessorLike[] {
  return Array.isArray(given)
}

/** The processors of the options, then the user's own; one of the same class takes the place of the option's. */
export function withOwn(processors: readonly LogitsProcessor[], own: readonly LogitsProcessorLike[]): Processing[] {
  const isSame = (one: LogitsProcessorLike, other: LogitsProcessor) => one.constructor === other.constructor
  const merged = processors.map(processor => {
    const other = own.find(candidate => isSame(candidate, processor))
    if (!other) return processor
    const { name } = processor.constructor
    warnOnce(
      'PROCESSOR_TWICE',
      `generate: the ${name} of logits_processor takes the place of the one that an option made.`,
    )
    return other
  })
  return [...merged, ...own.filter(processor => !merged.includes(processor as LogitsProcessor))].map(asProcessor)
}
