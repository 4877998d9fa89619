// Peers and tools from PyPI: virtual environments, and wheels that are only unpacked.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'

const python = process.env.PYTHON ?? 'python3'

/** A virtual environment in `folder`/venv with the packages; wheels only, so nothing is built or run. */
export function installPython(folder, packages) {
  const venv = join(folder, 'venv')
  run(python, ['-m', 'venv', venv])
  const pip = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin', 'pip')
  run(pip, ['install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:', ...packages])
}

/** Unpacks the files of a wheel that match `patterns` into `folder`. `options` choose the platform. */
export function unpackWheel(folder, wheel, patterns, options = []) {
  const downloads = join(folder, 'download')
  mkdirSync(downloads)
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
  run(python, ['-m', 'pip', 'download', ...quiet, ...options, '--dest', downloads, wheel])
  const [file] = readdirSync(downloads)
  run(python, ['-c', unpack, join(downloads, file), folder, ...patterns])
  rmSync(downloads, { recursive: true })
}

const unpack = `
import fnmatch, sys, zipfile
wheel, folder, *patterns = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    archive.extractall(folder, names)
`
