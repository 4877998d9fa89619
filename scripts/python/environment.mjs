// The Python that has the packages of scripts/requirements.txt: the user's own, or an environment made in the user's cache.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answers, run, SetupError } from '../tfjs/command.mjs'

const { VITRINE_PYTHON, XDG_CACHE_HOME, PYTHON } = process.env
const base = PYTHON || 'python3'
const place = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'vitrine', 'python')
const requirements = new URL('../requirements.txt', import.meta.url)

/** What torch for Linux needs to compute on a CPU; with all it asks for it would be 5 GB. */
const torchNeeds = [
  ...['filelock', 'fsspec', 'jinja2', 'networkx', 'sympy', 'typing-extensions'],
  'nvidia-cuda-runtime==13.0.96',
]

/**
 * The path of the program. An environment for these versions is made once, aside, and takes its place as a whole. `say` hears what is
 * fetched. Throws SetupError.
 */
export function pythonProgram(say) {
  if (VITRINE_PYTHON) return VITRINE_PYTHON
  if (!answers(base, ['-c', 'import venv, ensurepip'])) {
    throw new SetupError(
      `${base} makes no environments: install it (Debian, Ubuntu: apt install python3-venv), or name another one in
PYTHON, or one that has the packages of scripts/requirements.txt in VITRINE_PYTHON`,
    )
  }
  const packages = readFileSync(requirements, 'utf8')
    .split('\n')
    .filter(line => /^\w/.test(line))
  const version = run(base, ['-c', 'import sys; print(sys.executable, sys.version)'])
  const key = createHash('sha256')
    .update([version, ...packages, ...torchNeeds].join('\n'))
    .digest('hex')
    .slice(0, 12)
  const folder = join(place, key)
  if (!existsSync(folder)) {
    mkdirSync(place, { recursive: true })
    const unfinished = mkdtempSync(`${folder}.unfinished-`)
    try {
      install(unfinished, packages, say)
      // Another process may have been faster.
      if (!existsSync(folder)) renameSync(unfinished, folder)
    } finally {
      rmSync(unfinished, { recursive: true, force: true })
    }
  }
  return programIn(folder)
}

const programIn = folder =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')

function install(folder, packages, say) {
  const kind = `${process.platform}-${process.arch}`
  const isSmall = kind === 'linux-x64' && answers('cc', ['--version'])
  const size = isSmall ? '0.6 GB, 1.5 GB on disk' : 'up to 3 GB, 5 GB on disk'
  say(`Hugging Face's packages, from PyPI into ${place} (${size})`)
  run(base, ['-m', 'venv', folder])
  const pip = (...args) =>
    run(programIn(folder), [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-cache-dir', '--only-binary=:all:'],
      ...args,
    ])
  if (!isSmall) {
    pip(...packages)
    return
  }
  const isTorch = name => name.startsWith('torch==')
  pip(...packages.filter(name => !isTorch(name)), ...torchNeeds)
  pip('--no-deps', ...packages.filter(isTorch))
  run(programIn(folder), [fileURLToPath(new URL('empty_libraries.py', import.meta.url))])
}
