// What a processor returns: nothing when it changed the scores in place, or else the scores that take their place.
import { ConfigError, valueText } from '../../errors.ts'

/**
 * Copies returned scores into `logits`: V numbers in an array, a typed array or a Tensor, also as the only row of a
 * list. What is not an object is no result: an arrow function returns what it assigned. Throws ConfigError
 * PROCESSOR_RESULT.
 */
export function takeScores(returned: unknown, logits: Float32Array): void {
  if (typeof returned !== 'object' || returned === null || returned === logits) return
  const scores = numbersOf(returned)
  if (scores === logits) return
  if (scores?.length === logits.length) {
    logits.set(scores)
    return
  }
  const got = returned instanceof Promise ? 'a Promise: it cannot be waited for' : valueText(returned)
  throw new ConfigError('PROCESSOR_RESULT', `generate: a logits_processor returned ${got}`, {
    option: 'logits_processor',
    hint: `return ${logits.length} scores, or nothing and change them in place`,
  })
}

/** The numbers of an array, of a typed array, of what holds one as its `data`, or of the only row of a list. */
function numbersOf(returned: object): ArrayLike<number> | undefined {
  const only: unknown = Array.isArray(returned) && returned.length === 1 ? returned[0] : returned
  const data = dataOf(only)
  if (data instanceof Float32Array || data instanceof Float64Array) return data
  return Array.isArray(data) && data.every(score => typeof score === 'number') ? data : undefined
}

/** The values of a tensor; anything else is its own. */
export function dataOf(value: unknown): unknown {
  const isHolder = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && 'data' in value
  return isHolder ? value.data : value
}
