// Names from outside: what may become part of a path or an address.

import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cacheFolderName, checkRevision, isRepositoryName, isSafePath, repositoryOf } from '../../src/hub/names.ts'

test.each(['gpt2', 'uer/gpt2-chinese-cluecorpussmall', 'Foo-BAR_foo.bar123', '123', 'a'.repeat(96)])(
  '%s is a name',
  name => {
    expect(isRepositoryName(name)).toBe(true)
    expect(repositoryOf(cacheFolderName(name))).toBe(name)
  },
)

test.each([
  ...[
    '',
    '/',
    '/a',
    'a/',
    'a/b/c',
    '../a',
    './a',
    'a/..',
    'a..b',
    'a--b',
    'a/b--c',
    '.a',
    'a-',
    'a.git',
    '-a/b',
    'a/-b',
  ],
  ...[
    'a b',
    'a\\b',
    'C:/a',
    'a\u0000',
    '模型',
    'a'.repeat(97),
    'https://huggingface.co/gpt2',
    'a?b',
    'a#b',
    '%2e%2e/a',
  ],
])('%j is none', name => {
  expect(isRepositoryName(name)).toBe(false)
})

test.each(['models--', 'models--a--b--c', 'models--..', 'datasets--a--b', '.locks', 'models--a\\b'])(
  'the folder %j is of no model',
  folder => {
    expect(repositoryOf(folder)).toBeUndefined()
  },
)

test.each([
  ...[
    '',
    '.',
    '..',
    '/a',
    'a/',
    'a//b',
    'a/../b',
    './a',
    '\\a',
    'a\\..\\b',
    'C:',
    'C:a',
    '\\\\host\\share',
    'a\u0000b',
    'a\nb',
  ],
  ...['nul', 'con.json', 'a/AUX', 'com1.txt', 'a.', 'a ', 'a?', 'a*', '<a>', 'a|b', 'a"b', 'a'.repeat(1025)],
])('the path %j is not safe', path => {
  expect(isSafePath(path)).toBe(false)
})

test.each([
  'a',
  '.gitattributes',
  'a/b/c.json',
  'a..b',
  'model-00001-of-00002.safetensors',
  'onnx/模型.bin',
  'console.txt',
])('the path %j is', path => {
  expect(isSafePath(path)).toBe(true)
})

test('a safe path stays where it is put, under the rules of both systems', () => {
  const letters = fc.constantFrom(...'ab./\\:- .', '..', '/', '\u0000', 'C:', 'con', '~')
  const paths = fc.oneof(
    fc.string(),
    fc.array(letters).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(paths, path => {
      if (!isSafePath(path)) return
      for (const { join, normalize, isAbsolute, sep } of [posix, win32]) {
        expect(isAbsolute(path)).toBe(false)
        expect(normalize(join('root', path)).split(sep)).toEqual(['root', ...path.split('/')])
      }
    }),
    { numRuns: 2000 },
  )
})

test.each(['main', 'refs/pr/1', 'v1.0', 'feature/x', 'a'.repeat(40)])('%s is a revision', revision => {
  expect(() => checkRevision(revision)).not.toThrow()
})

test.each(['..', '../main', '/main', 'a b', '-x', 'main~1', 'a^', 'a@{1}', 'x.lock', 'a..b/../c', 'a:b', ''])(
  '%j is none',
  revision => {
    expect(() => checkRevision(revision)).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'UNSAFE_NAME' }))
  },
)
