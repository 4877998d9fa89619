// output_loading_info says what transformers says, for every folder and class; where it takes random numbers for what no head is,
// Vitrine refuses and names the same.
import { expect, test, vi } from 'vitest'
import * as vitrine from '../../src/index.ts'
import { LoadError, openBackend } from '../../src/index.ts'
import { golden, goldenPath } from '../golden.ts'

interface Case {
  readonly folder: string
  readonly class: string
  readonly options: Readonly<Record<string, unknown>>
  readonly error?: string
  readonly missing_keys: string[]
  readonly unexpected_keys: string[]
  readonly mismatched_keys: string[]
  readonly error_msgs: string[]
}

const { cases } = golden<{ cases: Case[] }>('loading_info.json')
const backend = await openBackend('reference')
vi.spyOn(process, 'emitWarning').mockReturnValue()

/** What is told of one case: the info, or the same lists of the error. */
async function found({ folder, class: name, options }: Case) {
  const Class = Reflect.get(vitrine, name) as typeof vitrine.BertModel
  try {
    const [model, info] = await Class.from_pretrained(goldenPath(folder), {
      ...options,
      backend,
      output_loading_info: true,
    })
    model.dispose()
    return info
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    const { missing, unexpected, mismatched } = error.fields as {
      missing: string[]
      unexpected: string[]
      mismatched: { name: string }[]
    }
    return {
      refused: error.code,
      missing_keys: missing,
      unexpected_keys: unexpected,
      mismatched_keys: mismatched.map(each => each.name),
    }
  }
}

const titles = cases.map(each => [`${each.class} from ${each.folder} ${JSON.stringify(each.options)}`, each] as const)

test.each(titles)('%s', async (_, wanted) => {
  const info = await found(wanted)
  if (wanted.error) {
    expect(info).toMatchObject({ refused: 'CHECKPOINT_MISMATCH' })
    return
  }
  const { missing_keys, unexpected_keys, mismatched_keys } = wanted
  expect(info).toMatchObject({ missing_keys, unexpected_keys })
  expect([...info.mismatched_keys].sort()).toEqual([...mismatched_keys].sort())
  if (!('refused' in info)) expect(info).toHaveProperty('error_msgs', [])
})

test('most of them load', async () => {
  expect(cases.length).toBeGreaterThan(150)
  expect(cases.filter(each => each.error).length).toBeGreaterThan(10)
  const loaded = await Promise.all(cases.map(async each => !('refused' in (await found(each)))))
  expect(loaded.filter(Boolean).length).toBeGreaterThan(120)
})
