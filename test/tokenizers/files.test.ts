// Folders and forms of tokenizer.json give the tokenizers that Hugging Face makes of them, and saving writes what it writes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  AddedToken,
  AutoTokenizer,
  BertTokenizer,
  BertTokenizerFast,
  GPT2Tokenizer,
  GPT2TokenizerFast,
  type PreTrainedTokenizer,
  type SaveOptions,
} from '../../src/index.ts'
import { golden } from '../golden.ts'

type Fields = Readonly<Record<string, unknown>>

interface Case {
  readonly name: string
  readonly class: string
  readonly kwargs: Fields
  readonly files: Readonly<Record<string, string>>
  /** Of what Hugging Face saved the files. */
  readonly saved_from: { readonly files: Readonly<Record<string, string>>; kwargs: Fields; options: SaveOptions } | null
  readonly facts: Fields & {
    readonly added: Readonly<Record<string, number>>
    readonly len: number
    readonly repr: string
  }
  readonly texts: readonly {
    readonly text: string
    readonly ids: number[]
    readonly decoded: string
    readonly tokens?: string[]
    readonly offsets?: [number, number][]
    readonly pair?: number[]
    readonly pair_types?: number[]
  }[]
}

/** A class by what these tests need of it. */
interface Class {
  from_pretrained(folder: string, options?: Fields): Promise<PreTrainedTokenizer>
  from_files(files: Readonly<Record<string, string>>, options?: Fields): PreTrainedTokenizer
}

const classes: Readonly<Record<string, Class>> = {
  AutoTokenizer,
  BertTokenizer,
  BertTokenizerFast,
  GPT2Tokenizer,
  GPT2TokenizerFast,
}
const { cases } = golden<{ cases: readonly Case[] }>('tokenizers/files.json')

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-tokenizer-'))
  vi.spyOn(process, 'emitWarning').mockReturnValue()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function folderWith(files: Readonly<Record<string, string>>, name: string): string {
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return folder
}

/** All that Hugging Face said about a tokenizer. */
function check(tokenizer: PreTrainedTokenizer, { facts, texts }: Case, folder: string): void {
  const { added, len, repr, ...properties } = facts
  for (const [name, fact] of Object.entries(properties)) expect(Reflect.get(tokenizer, name), name).toEqual(fact)
  expect(Object.fromEntries(tokenizer.added_tokens_encoder)).toEqual(added)
  expect(tokenizer.length).toBe(len)
  expect(`${tokenizer}`.replace(folder, 'FOLDER')).toBe(repr)
  for (const { text, ids, decoded, tokens, offsets, pair, pair_types } of texts) {
    const encoding = tokenizer(text, { return_offsets_mapping: true })
    expect(encoding.input_ids, text).toEqual(ids)
    expect(tokenizer.decode(ids), text).toBe(decoded)
    if (!tokens) continue
    expect(encoding.tokens(), text).toEqual(tokens)
    expect(encoding.offset_mapping, text).toEqual(offsets)
    const both = tokenizer(text, { text_pair: 'a b', return_token_type_ids: true })
    expect([both.input_ids, both.token_type_ids], text).toEqual([pair, pair_types])
  }
}

test('all cases are there', () => {
  expect(cases.length).toBe(37)
})

describe.each(cases.map(item => [item.name, item] as const))('%s', (name, item) => {
  test('from a folder', async () => {
    const folder = folderWith(item.files, name)
    check(await classes[item.class]!.from_pretrained(folder, item.kwargs), item, folder)
  })

  test('saved, and made of that again', async () => {
    const folder = folderWith(item.files, name)
    const first = await classes[item.class]!.from_pretrained(folder, item.kwargs)
    const copy = join(folder, 'copy')
    await first.save_pretrained(copy)
    const again = await classes[item.class]!.from_pretrained(copy, { name_or_path: folder })
    check(again, item, folder)
  })
})

const saved = cases.flatMap(item => (item.saved_from ? [[item.name, item, item.saved_from] as const] : []))

test.each(saved)('the files of %s', async (name, item, { files, kwargs, options }) => {
  const tokenizer = classes[item.class]!.from_files(files, kwargs)
  tokenizer.add_tokens([new AddedToken('<a>', { lstrip: true }), 'x<s>'])
  const r = new AddedToken('<r>', { rstrip: true, normalized: false })
  tokenizer.add_special_tokens({ additional_special_tokens: [r] })
  const folder = join(root, 'own', name)
  const paths = await tokenizer.save_pretrained(folder, options)
  expect(paths.map(path => relative(folder, path)).sort()).toEqual(readdirSync(folder).sort())
  const own = Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')]))
  expect(parsed(own)).toEqual(parsed(item.files))
})

/** JSON files by content, others by text. */
function parsed(files: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, name.endsWith('.json') ? (JSON.parse(text) as unknown) : text]),
  )
}
