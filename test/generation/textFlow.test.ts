// Streamed text comes as soon as it is certain, and adds up to the whole.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextFlow } from '../../src/generation/streamers/textFlow.ts'

const words = ['', 'Hello', ' wor', 'ld', ' again', '\n', '春', '眠', '，', '𠀀', ' ', '!']
const decode = (ids: readonly number[]) => ids.map(id => words[id]!).join('')

function pieces(ids: number[], prompt: number[] = []): string[] {
  const streamer = new TextFlow(decode, prompt)
  return [...ids.map(id => streamer.put(id)), streamer.end()]
}

test('a word is held back until a space shows that it has ended', () => {
  expect(pieces([1, 2, 3, 4])).toEqual(['', 'Hello ', '', 'world ', 'again'])
})

test('Chinese characters come at once, also those beyond the basic plane', () => {
  expect(pieces([6, 7, 9])).toEqual(['春', '眠', '𠀀', ''])
  expect(pieces([8, 6])).toEqual(['', '，春', ''])
})

test('a line break gives out everything before it', () => {
  expect(pieces([1, 5, 2, 3])).toEqual(['', 'Hello\n', ' ', '', 'world'])
})

test('the prompt is not given out, but its last word may go on', () => {
  expect(pieces([3, 4], [1, 2])).toEqual(['', 'ld ', 'again'])
})

test('all pieces together are the text', () => {
  const ids = fc.array(fc.integer({ min: 0, max: words.length - 1 }), { maxLength: 40 })
  fc.assert(
    fc.property(ids, ids, (prompt, answer) => {
      const text = pieces(
        answer,
        prompt.filter(id => id !== 5),
      ).join('')
      expect(text).toBe(decode(answer))
    }),
    { seed: 20261124, numRuns: 500 },
  )
})
