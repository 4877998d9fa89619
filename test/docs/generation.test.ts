// docs/generation.md: its program prints what it says, it has every parameter with its default, and its Chinese twin is
// the same.
import { expect, test } from 'vitest'
import { callOptionNames } from '../../src/generation/options.ts'
import { defaultParameters, parameterNames } from '../../src/generation/parameters.ts'
import { documentText, printedBy, programOf } from './blocks.ts'
import { expectTwins } from './twins.ts'

const english = 'docs/generation.md'
const chinese = 'docs/generation.zh-CN.md'

test('it prints what it says', async () => {
  const program = programOf(english)
  expect(program.expected.length).toBeGreaterThan(80)
  expect(await printedBy(program)).toEqual(program.expected)
})

/** What stands below each heading of a parameter. */
function sections(document: string): Map<string, string> {
  const parts = documentText(document).split(/^### /m).slice(1)
  return new Map(parts.map(part => [/^`(\w+)`/.exec(part)![1]!, part]))
}

test('every parameter and option has its section, with an example', () => {
  const found = sections(english)
  const inputs = ['attention_mask', 'inputs_embeds', 'past_key_values']
  expect([...found.keys()].sort()).toEqual([...parameterNames, ...callOptionNames, ...inputs].sort())
  for (const [name, text] of found) expect(text, name).toContain(`${name}`)
  for (const [name, text] of found) expect(text, name).toMatch(/```ts\n[\s\S]*\/\/=> /)
})

test.each([
  [english, /^Default: /m, /Distribution: /, 'none', "the model's"],
  [chinese, /^默认值：/m, /分布：/, '无', '模型的设置'],
])(
  '%s says the default of each and what it does to the distribution',
  (document, defaultLine, distribution, none, ofModel) => {
    for (const [name, text] of sections(document)) {
      expect(text, name).toMatch(defaultLine)
      expect(text, name).toMatch(distribution)
      const value: unknown = Reflect.get(defaultParameters, name)
      const shown = text.split(defaultLine)[1]!
      if (name.endsWith('token_id') && value === null && !name.startsWith('forced'))
        expect(shown, name).toMatch(ofModel)
      else if (value === null || name === 'output_logits')
        expect(shown, name).toMatch(value === null && name !== 'output_logits' ? none : '`false`')
      else if (value !== undefined) expect(shown.startsWith(`\`${value}\``), name).toBe(true)
    }
  },
)

test('the Chinese page is the same', () => expectTwins(english, chinese))
