// The strict JSON reader: everything that RFC 8259 allows with the value JSON.parse gives, and nothing else.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonNumber, JsonReader, mostJsonDepth } from '../../src/checkpoint/json.ts'

class Problem extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

function readerOf(text: string, mostValues = 10_000): JsonReader {
  return new JsonReader(new TextEncoder().encode(text), (message, at) => new Problem(message, at), mostValues)
}

/** The whole text as a value; objects without a prototype. */
function read(text: string): unknown {
  const json = readerOf(text)
  const value = readValue(json)
  json.end()
  return value
}

function readValue(json: JsonReader): unknown {
  switch (json.kind()) {
    case 'object': {
      const entries: [string, unknown][] = []
      for (const key of json.keys()) entries.push([key, readValue(json)])
      return Object.fromEntries(entries)
    }
    case 'array': {
      const items: unknown[] = []
      for (const index of json.items()) items[index] = readValue(json)
      return items
    }
    case 'string':
      return json.string()
    case 'number':
      return json.number().value
    default:
      json.skip()
      return 'a word'
  }
}

function skip(text: string): void {
  const json = readerOf(text)
  json.skip()
  json.end()
}

/** What JSON.parse gives, with the words replaced as `readValue` does. */
function parsed(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (value === null || typeof value === 'boolean' ? 'a word' : value))
}

function problemOf(text: string): Problem {
  try {
    skip(text)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

describe('JsonReader', () => {
  it.each([
    ['{}', {}],
    [' \t\r\n[ 1 , 2 ]\n', [1, 2]],
    ['{"a":{"b":[[],{}]},"":"x"}', { a: { b: [[], {}] }, '': 'x' }],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"\\u0041\\u00e9\\u20ac\\uD83D\\uDE00é€😀\\u0000"', 'Aé€😀é€😀\0'],
    ['"\x7f\u2028\ufeff"', '\x7f\u2028\ufeff'],
    ['[0,-0,1.5,1e2,1E+2,1e-2,-12.50e1]', [0, -0, 1.5, 100, 100, 0.01, -125]],
    ['[true,false,null]', ['a word', 'a word', 'a word']],
  ])('reads %s', (text, value) => {
    expect(read(text)).toEqual(value)
    skip(text)
  })

  it.each([
    ['', 0],
    [' ', 1],
    ['{', 1],
    ['{"a"}', 4],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[,1]', 1],
    ['[1}', 2],
    ['{} x', 3],
    ['{}\0', 2],
    ['\ufeff{}', 0],
    ['/**/{}', 0],
    ['NaN', 0],
    ['nul', 0],
    ['tRue', 0],
    ['- 1', 1],
    ['+1', 0],
    ['.5', 0],
    ['1.', 2],
    ['1e', 2],
    ['016', 1],
    ['0x10', 1],
    ['1e999', 0],
    ['"a', 2],
    ['"a\\', 3],
    ['"a\nb"', 2],
    ['"\\a"', 2],
    ['"\\x41"', 2],
    ['"\\u12"', 5],
    ['"\\u12g4"', 5],
    ['"\\ud800"', 3],
    ['"\\ud800\\u0041"', 3],
    ['"\\udc00\\ud800"', 3],
    ['\u00a0{}', 0],
  ])('refuses %j at byte %i', (text, at) => {
    expect(problemOf(text).at).toBe(at)
    expect(() => read(text)).toThrow(Problem)
  })

  it('tells the forms of numbers apart', () => {
    const json = readerOf('[16, 16.0, 1e1, -0, -16, 9007199254740993]')
    const found: JsonNumber[] = []
    for (const index of json.items()) found[index] = json.number()
    expect(found.map(({ text }) => text)).toEqual(['16', '16.0', '1e1', '-0', '-16', '9007199254740993'])
    expect(found.map(({ natural }) => natural)).toEqual([true, false, false, false, false, true])
  })

  it('bounds the depth and the number of values', () => {
    skip('['.repeat(mostJsonDepth) + ']'.repeat(mostJsonDepth))
    expect(problemOf('['.repeat(mostJsonDepth + 1)).at).toBe(mostJsonDepth)
    expect(problemOf('{"a":'.repeat(mostJsonDepth + 1)).message).toMatch(/inside each other/)
    skip(`[${'[],'.repeat(1000)}[]]`)
    const json = readerOf('[1,2,3,4]', 3)
    expect(() => json.skip()).toThrow('more than 3 values')
  })

  it('reads what JSON.stringify writes', () => {
    const options = { maxDepth: 5, depthSize: 'small', stringUnit: 'binary' } as const
    fc.assert(
      fc.property(fc.json(options), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, indent)
        expect(read(spaced)).toEqual(parsed(spaced))
        skip(spaced)
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  it('accepts of damaged texts what JSON.parse accepts, and no lone surrogate', () => {
    const good = '{"a\\n\\ud83d\\ude00":[1,-2.5e+3,"x",true,null],"b":{"c":"\\u00e9"},"d":0}'
    let accepted = 0
    const piece = fc.constantFrom(...'"\\{}[],:.-+eE01 9tfn\t\n', '\\u', 'ud800', 'null', '\0', 'é')
    const property = fc.property(fc.nat(good.length), fc.nat(3), piece, (at, cut, inserted) => {
      const text = good.slice(0, at) + inserted + good.slice(at + cut)
      const wanted = attempt(() => parsed(text))
      const found = attempt(() => read(text))
      const lone = JSON.stringify(wanted)?.includes('\\ud') ?? false
      expect(found, text).toEqual(lone ? undefined : wanted)
      if (found !== undefined) accepted++
    })
    fc.assert(property, { seed: 12, numRuns: 3000 })
    expect(accepted).toBeGreaterThan(100)
  })
})

/** The value, or undefined when reading it threw what it may throw. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Problem) return undefined
    throw error
  }
}
