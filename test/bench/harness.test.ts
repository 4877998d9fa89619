// The pieces that measurements are made of: turns, spreads, differences, tables, charts, processes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { drawCharts } from '../../bench/charts.ts'
import { compare } from '../../bench/harness/compare.ts'
import { EngineProcess } from '../../bench/harness/engineProcess.ts'
import { interleave } from '../../bench/harness/interleave.ts'
import { decodeValues, encodeValues } from '../../bench/harness/protocol.ts'
import { ownRow, type Report, type Row, ratio } from '../../bench/harness/report.ts'
import { quantile, spreadOf } from '../../bench/harness/statistics.ts'
import { amount, figure, reportText } from '../../bench/harness/table.ts'
import type { EngineOptions, Peer } from '../../bench/peers/engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('spreads', () => {
  test('median, quartiles and deviation', () => {
    const spread = spreadOf([5, 1, 4, 2, 3])
    expect([spread.low, spread.median, spread.high, spread.mean]).toEqual([2, 3, 4, 3])
    expect(spread.deviation).toBeCloseTo(Math.sqrt(2.5), 12)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
    expect(() => spreadOf([])).toThrow('no measurements')
  })
})

describe('turns', () => {
  test('each round begins with another one, and a warm-up does not count', async () => {
    const order: string[] = []
    const contestants = ['a', 'b', 'c'].map(name => ({ name, run: async () => order.push(name) }))
    const standings = await interleave(contestants, 3)
    expect(order.join('')).toBe('abc' + 'abc' + 'bca' + 'cab')
    expect(standings.get('b')?.spread?.samples).toEqual([5, 7, 12])
  })

  test('one that fails drops out and harms no other', async () => {
    let calls = 0
    const bad = { name: 'bad', run: async () => (++calls === 2 ? Promise.reject(new Error('broken')) : 1) }
    const standings = await interleave([bad, { name: 'good', run: async () => 2 }], 3)
    expect(standings.get('bad')).toEqual({ failure: 'broken' })
    expect(standings.get('good')?.spread?.samples).toEqual([2, 2, 2])
    expect(calls).toBe(2)
  })
})

describe('differences', () => {
  const f32 = (...values: number[]) => Float32Array.from(values)

  test('of plain numbers', () => {
    const { largest, relative, cosine } = compare(f32(1, 2.5, -4), f32(1, 2, -4), undefined, 3)
    expect(largest).toBe(0.5)
    expect(relative).toBe(0.125)
    expect(cosine).toBeGreaterThan(0.99)
  })

  test('a NaN or a wrong length is as far as can be', () => {
    expect(compare(f32(1, Number.NaN), f32(1, 2), undefined, 2).largest).toBe(Infinity)
    expect(compare(f32(Number.NaN, 1), f32(1, 1), undefined, 2).largest).toBe(Infinity)
    expect(compare(f32(1), f32(1, 2), undefined, 2).largest).toBe(Infinity)
  })

  test('of logarithms of probabilities with logits, and of first tokens with whole texts', () => {
    const [one, three] = [Math.log(0.25), Math.log(0.75)]
    expect(compare(f32(one, three), f32(5 + one, 5 + three), 'logProbabilities', 2).largest).toBeLessThan(1e-6)
    // Two texts of three tokens of width 2.
    const hidden = f32(1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0)
    expect(compare(f32(1, 2, 3, 4), hidden, 'firstToken', 2).largest).toBe(0)
  })

  test('numbers survive the way between processes', () => {
    const values = f32(0, -0, 1e-40, Infinity, 3.5)
    expect(decodeValues(encodeValues(values.subarray(1)))).toEqual(values.subarray(1))
  })
})

const row = (engine: string, dtype: string, median: number, unit: Row['unit'] = 'tokens/s'): Row => {
  return { test: 'pp128', subject: 'GPT-2', engine, dtype, threads: 2, unit, spread: spreadOf([median]) }
}

const report: Report = {
  machine: {
    ...{
      date: '2026-01-02T03:04:05.000Z',
      commit: 'abc1234',
      vitrine: '1.0.0',
      packages: {},
      cpu: 'A <fast> & cheap CPU',
      cores: 2,
    },
    ...{ features: ['avx2'], memoryGigabytes: 8, system: 'linux x64', node: '24.0.0', v8: '13', flags: [] },
    kernels: { kernels: 'relaxed', "V8's flags": 'none' },
  },
  load: [1.5, 0.2],
  options: { sizes: 'tiny' },
  engines: { vitrine: 'wasm' },
  peaks: { '2 threads': { multiplyAdd: 200, reads: [[4.08e8, 30]] } },
  groups: [
    {
      name: 'GPT-2 prefill',
      explanation: 'Reading a prompt.',
      rows: [row('vitrine', 'float32', 1000), { ...row('other', 'int8', 500), share: { of: 'memory', value: 0.5 } }],
    },
  ],
  missing: [{ what: 'torch', reason: 'not installed' }],
}

describe('reports', () => {
  test('ratios say how many times as fast ours is, whichever way the unit points', () => {
    expect(ratio(row('vitrine', 'float32', 10), row('other', 'float32', 5))).toBe(2)
    expect(ratio(row('vitrine', 'float32', 5, 'ms'), row('other', 'float32', 10, 'ms'))).toBe(2)
    const rows = [row('vitrine', 'float32', 1), row('vitrine', 'int8', 2)]
    expect(ownRow(row('other', 'int8', 1), rows)?.dtype).toBe('int8')
    expect(ownRow(row('other', 'q4', 1), rows)?.dtype).toBe('float32')
    expect(ownRow({ ...row('other', 'q4', 1), test: 'pp512' }, rows)).toBeUndefined()
  })

  test.each(['terminal', 'markdown'] as const)('%s has the header, every row, and what is missing', form => {
    const text = reportText(report, form)
    for (const part of [
      'abc1234',
      '24.0.0',
      'avx2',
      'kernels: relaxed',
      'BUSY',
      '408 MB 30.0 GB/s',
      '2.00 x (float32)',
      '50 % memory',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toContain('torch')
    const widths = text.split('\n').flatMap(line => (line.startsWith('|') ? [line.split('|').length] : []))
    expect(new Set(widths).size).toBe(form === 'markdown' ? 1 : 0)
  })

  test('figures are short', () => {
    expect([0.012345, 1.5, 12.345, 1234.5].map(figure)).toEqual(['0.0123', '1.50', '12.3', '1235'])
    expect([999, 4096, 4.08e8].map(amount)).toEqual(['999 B', '4.10 KB', '408 MB'])
  })

  test('charts are well-formed, with our bar on top where it is the best', () => {
    const [path, ...others] = drawCharts(report, folder)
    expect(others).toEqual([])
    const svg = readFileSync(path!, 'utf8')
    expect(svg).toContain('A &lt;fast&gt; &amp; cheap CPU')
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg.indexOf('class="ours"')).toBeLessThan(svg.indexOf('class="theirs"'))
    const opened = [...svg.matchAll(/<(\w+)(?![^>]*\/>)/g)].map(([, tag]) => tag).sort()
    expect([...svg.matchAll(/<\/(\w+)>/g)].map(([, tag]) => tag).sort()).toEqual(opened)
  })
})

describe('an engine in its own process', () => {
  const options: EngineOptions = { folder, model: 'gpt2', dtype: 'float32', threads: 1, places: 8 }
  const speaking = (program: string): Peer => {
    const file = join(folder, 'engine.mjs')
    writeFileSync(file, program)
    const common = { name: 'fake', models: ['gpt2'], dtypes: ['float32'], missing: () => undefined } as const
    return { ...common, command: () => [process.execPath, file] }
  }

  test('answers requests, whatever it prints besides', async () => {
    const peer = speaking(`
      import { writeSync } from 'node:fs'
      import { createInterface } from 'node:readline'
      console.log('hello')
      for await (const line of createInterface({ input: process.stdin })) {
        const request = JSON.parse(line)
        writeSync(3, JSON.stringify(request.do === 'open' ? { about: 'fake 1', milliseconds: 1 } : { peak: 5 }) + '\\n')
        if (request.do === 'close') process.exit()
      }`)
    await using engine = new EngineProcess(peer, options)
    await engine.open()
    expect(engine.about).toBe('fake 1')
    expect(await engine.ask({ do: 'memory' })).toEqual({ peak: 5 })
  })

  test('a crash becomes an error with the last words', async () => {
    await using engine = new EngineProcess(speaking(`console.error('no such library'); process.exit(3)`), options)
    await expect(engine.open()).rejects.toThrow(/ended with 3: no such library/)
  })

  test('a refusal becomes an error, and a program that is not there too', async () => {
    const refusing = speaking(`import { writeSync } from 'node:fs'
      process.stdin.once('data', () => { writeSync(3, '{"error":"no int8 here"}\\n'); process.exit() })`)
    await using engine = new EngineProcess(refusing, options)
    await expect(engine.open()).rejects.toThrow('no int8 here')
    const absent: Peer = { ...refusing, command: () => [join(folder, 'nothing')] }
    await using nowhere = new EngineProcess(absent, options)
    await expect(nowhere.open()).rejects.toThrow(/ENOENT/)
  })
})
