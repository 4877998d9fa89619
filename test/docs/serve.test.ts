// docs/serve.md: its calls with curl are sent and its program is run, against a server of the shipped models; its Chinese twin
// is the same.
import { expect, test } from 'vitest'
import { checkedOptions } from '../../src/serve/options.ts'
import { critic, guesser, poet, ready, shipped } from '../serve/serving.ts'
import { documentText, printedBy, programOf } from './blocks.ts'
import { expectTwins } from './twins.ts'

const english = 'docs/serve.md'
const chinese = 'docs/serve.zh-CN.md'
const server = await ready([poet, critic, guesser].map(shipped))
const here = (text: string): string => text.replaceAll('http://127.0.0.1:8080', server.url)

interface Fence {
  readonly language: string
  readonly text: string
}

const fencesOf = (document: string): Fence[] =>
  Array.from(documentText(document).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm), ([, language, text]) => ({
    language: language!,
    text: text!,
  }))

/** Calls with curl, and the block behind each when it is an answer. */
const calls = fencesOf(english).flatMap(({ text }, i, all) => {
  if (!text.startsWith('curl ')) return []
  const next = all[i + 1]
  const [, url, body] = /^curl (\S+) [\s\S]*-d '([^']+)'/.exec(text)!
  return [{ url: url!, body: body!, answer: next && ['json', 'text'].includes(next.language) ? next : undefined }]
})

/** Numbers as they stand in the document, which rounds them; what differs each time is left out. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(4))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(
    ([name]) => !(name === 'created' || (name === 'id' && 'choices' in value)),
  )
  return Object.fromEntries(fields.map(([name, field]) => [name, rounded(field)]))
}

test('there are calls of each kind', () => {
  expect(calls).toHaveLength(4)
  expect(calls.filter(({ answer }) => answer).length).toBe(3)
})

test.each(calls)('curl $url', async ({ url, body, answer }) => {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(here(url), { method: 'POST', headers, body })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const valuesOf = (events: string): unknown[] =>
    events
      .split('\n')
      .filter(line => line !== '')
      .map(line => rounded(JSON.parse(line.replace(/^data: /, ''))))
  if (answer?.language === 'json') expect(rounded(JSON.parse(text))).toEqual(rounded(JSON.parse(answer.text)))
  else if (answer) expect(valuesOf(text)).toEqual(valuesOf(answer.text))
  else expect(JSON.parse(text)[0]).toHaveLength(192)
})

test('its program prints what it says', async () => {
  const program = programOf(english, here)
  expect(program.expected.length).toBeGreaterThan(5)
  expect(await printedBy(program)).toEqual(program.expected)
})

test('it has every option of serve() with its default', () => {
  const rows = documentText(english)
    .split('\n')
    .filter(line => line.startsWith('| `'))
  const { port, host, parallel, queue, backend } = checkedOptions({})
  for (const [name, usual] of Object.entries({ port, host, parallel, queue, backend })) {
    const row = rows.find(line => line.startsWith(`| \`${name}\` | \`--`))
    expect(row, name).toContain(String(usual))
  }
})

test('its Chinese twin is the same', () => {
  expectTwins(english, chinese)
  const bare = ({ language, text }: Fence) => [language, text.replace(/(#|\/\/)(?!=>).*$/gm, '$1')]
  const codes = (document: string) => fencesOf(document).map(bare)
  expect(codes(chinese)).toEqual(codes(english))
})
