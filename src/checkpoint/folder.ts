// A model folder as Hugging Face lays it out: which files are there, and its JSON files read with care.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FileError } from '../errors.ts'
import { warnOnce } from '../warnings.ts'
import { type JsonFault, parseJson } from './jsonValue.ts'

/** The most a JSON file of a model folder may hold. */
const mostJsonBytes = 2 ** 20

/** Checks that `path` is a folder. Throws FileError FOLDER_MISSING or NOT_A_FOLDER. */
export function checkFolder(path: string): void {
  if (typeof path !== 'string') {
    throw new FileError(
      'FOLDER_MISSING',
      `expected the path of a model folder, got ${path === null ? 'null' : typeof path}`,
    )
  }
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) {
    throw new FileError('FOLDER_MISSING', `there is no model folder '${path}'`, {
      path,
      hint: 'give the path of a folder with config.json and model.safetensors',
    })
  }
  if (!stats.isDirectory()) {
    throw new FileError(
      'NOT_A_FOLDER',
      `'${path}' is a file; a model is a folder with config.json and model.safetensors`,
      { path },
    )
  }
}

/**
 * The object in a JSON file of the folder; undefined when there is no such file. A field that stands twice gives a
 * warning. Throws FileError with `code` for a file that is too large, no JSON by the standard, or no object.
 */
export function readJson(folder: string, name: string, code = 'JSON'): Readonly<Record<string, unknown>> | undefined {
  const path = join(folder, name)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return undefined
  if (!stats.isFile() || stats.size > mostJsonBytes) {
    const message = `${path}: expected a JSON file of at most ${mostJsonBytes} bytes`
    throw new FileError(code, message, { path, bytes: stats.size })
  }
  const bytes = readFileSync(path)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new FileError(code, `${path} begins with a byte order mark (BOM): save it without`, { path })
  if (bytes.length === 0) throw new FileError(code, `${path} is not valid JSON: the file is empty`, { path })
  const fault = ({ message, line, column }: JsonFault): FileError =>
    new FileError(code, `${path} is not valid JSON at line ${line}, column ${column}: ${message}`, {
      path,
      line,
      column,
    })
  const repeated = (key: string): void =>
    warnOnce('JSON_REPEATED', `${path}: '${key}' stands there twice, and the last one counts.`)
  const value = parseJson(bytes, fault, repeated)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new FileError(code, `${path}: the JSON must be an object of fields`, { path })
}

/** config.json. Throws FileError CONFIG_MISSING or CONFIG_JSON. */
export function readConfig(folder: string): Readonly<Record<string, unknown>> {
  checkFolder(folder)
  const config = readJson(folder, 'config.json', 'CONFIG_JSON')
  if (config) return config
  throw new FileError('CONFIG_MISSING', `there is no config.json in '${folder}'`, {
    path: folder,
    hint: 'is this the folder that holds the model itself?',
  })
}
