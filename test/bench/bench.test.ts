// Every bench runs once at a tiny size: that it works is what is tested, not how fast.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NoVerdict, Verdict } from '../../bench/accuracy/accuracy.ts'
import type { Report } from '../../bench/harness/report.ts'
import { peers } from '../../bench/peers/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const limit = 120_000
const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (...args: string[]): Promise<string> => {
  return (await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 })).stdout
}

/** As `npm run bench`, without building it again each time. */
const bench = (...args: string[]): Promise<string> => run('.cache/bench/js/bench/main.js', ...args)

beforeAll(async () => {
  expect(await run('scripts/bench.mjs', '--help')).toContain('See bench/README.md')
}, limit)

describe('npm run bench', () => {
  test(
    'measures everything, with the right numbers',
    async () => {
      const written = ['--save', folder, '--markdown', join(folder, 'report.md')]
      const report = JSON.parse(await bench('--sizes', 'tiny', '--repeat', '1', '--json', ...written)) as Report
      expect(report.missing.filter(({ what }) => what !== 'limits of the machine')).toEqual([])
      const names = [
        'Kernels',
        'GPT-2 prefill',
        'GPT-2 decode',
        'BERT forward',
        'Load',
        'Peak memory',
        'Threads',
        'Choosing a token',
        'Tokenizers',
      ]
      expect(report.groups.map(({ name }) => name)).toEqual(names)
      for (const { name, rows } of report.groups) {
        expect(rows.length, name).toBeGreaterThan(0)
        for (const row of rows) {
          expect(row.spread.median, `${row.test} ${row.subject} ${row.engine}`).toBeGreaterThan(0)
          if (name !== 'Kernels' && row.error) expect(row.error.largest, row.test).toBeLessThan(1e-4)
        }
      }
      const decoded = report.groups[2]?.rows[0]
      expect(decoded?.test).toBe('tg16 @ d8')
      expect(decoded?.agreement).toEqual({ equal: 16, of: 16 })
      expect(report.machine.node).toBe(process.versions.node)
      expect(report.machine.kernels).toHaveProperty('tiles')

      const kept = readdirSync(folder).filter(name => name.startsWith(report.machine.date.slice(0, 10)))
      expect(kept.map(name => name.split('.').at(-1)).sort()).toEqual(['json', 'md'])
      const [json = '', markdown = ''] = kept.sort().map(name => readFileSync(join(folder, name), 'utf8'))
      expect(JSON.parse(json)).toEqual(report)
      expect(markdown).toBe(readFileSync(join(folder, 'report.md'), 'utf8'))
      expect(markdown).toContain('## GPT-2 decode')

      const drawn = await bench('charts', join(folder, kept[0]!), '--folder', folder)
      expect(
        drawn
          .trim()
          .split('\n')
          .map(path => basename(path)),
      ).toEqual(['load-load-gpt-2-141-k.svg', 'tokenizers-encode-english.svg', 'tokenizers-encode-chinese.svg'])
    },
    limit,
  )

  test(
    'tells of every engine that it is here, or why not',
    async () => {
      const { engines, missing } = JSON.parse(await bench('peers', '--sizes', 'tiny', '--json')) as Report
      for (const { name } of peers) {
        const reason = missing.find(({ what }) => what === name)?.reason
        expect(engines[name] ?? reason, name).toMatch(/is here|not installed: npm run setup:peers -- \w+/)
      }
    },
    limit,
  )

  test(
    'refuses what it does not know, by name',
    async () => {
      await expect(bench('decod')).rejects.toThrow(/Allowed choices are all, kernels/)
      await expect(bench('decode', '--peers', 'tensorflow')).rejects.toThrow(/no engine 'tensorflow'; known: vitrine/)
      await expect(bench('kernels', '--kernel', 'sofmax')).rejects.toThrow(/no kernel 'sofmax'/)
      await expect(bench('decode', '--dtype', 'int3')).rejects.toThrow(/known: float32/)
      await expect(bench('decode', '--threads', '0')).rejects.toThrow(/whole number/)
    },
    limit,
  )
})

test(
  'npm run bench -- accuracy judges the shipped checkpoints',
  async () => {
    const verdicts = JSON.parse(await bench('accuracy', '--dtype', 'float32,int8', '--json')) as (Verdict | NoVerdict)[]
    const judged = verdicts.filter(({ model }) => model !== 'all-MiniLM-L6-v2') as Verdict[]
    const shipped = judged.filter(({ dtype }) => dtype === 'float32')
    const small = judged.filter(({ dtype }) => dtype === 'int8')
    expect(small).toHaveLength(3)
    for (const verdict of small) expect(verdict).toMatchObject({ isGood: true })
    for (const { memory } of small) expect(memory).toBeLessThan(0.3)
    expect(shipped.map(({ model }) => model)).toEqual([
      'gpt2-tang-poetry',
      'bert-tiny-mlm-zh',
      'bert-tiny-sentiment-zh',
    ])
    for (const verdict of shipped) expect(verdict).toMatchObject({ cosine: 1, sameFirst: 1, isGood: true })
    // Poems that it was trained on, and sentences that it was not: a broken model is in the hundreds.
    expect(shipped[0]?.perplexity).toBeLessThan(20)
    expect(shipped[1]?.perplexity).toBeLessThan(20)
  },
  limit,
)
