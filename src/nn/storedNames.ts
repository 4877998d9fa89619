// The names in a file as a model calls them: old spellings, a mapping of the user's, and the prefix of the body, decided once.
import { ConfigError, LoadError } from '../errors.ts'

/** What a model class and a call say about names. */
export interface NameRules {
  /** The field that holds the body of a model with a head; files have it in front of names or not. */
  readonly prefix: string
  /** Names in files that are no parameters, such as stored masks. */
  readonly ignored: readonly RegExp[]
  /** Patterns (regular expressions) and what they become, `$1` for a group; of several that match the first one counts. */
  readonly key_mapping?: Readonly<Record<string, string>>
}

export interface StoredNames {
  /** The name in the file, by the name in the model. */
  readonly stored: ReadonlyMap<string, string>
  /** Names that belong to a head, when the model has none. */
  readonly outside: readonly string[]
}

/**
 * `wanted` are the names of the model, `found` those of the file, called `file`. Names that fit nowhere keep their spelling. Throws
 * LoadError NAME_CLASH when two become one, ConfigError OPTION_VALUE for a pattern that is none.
 */
export function storedNames(
  wanted: ReadonlySet<string>,
  found: Iterable<string>,
  { prefix, ignored, key_mapping = {} }: NameRules,
  file: string,
): StoredNames {
  const mapping = Object.entries(key_mapping).map(
    ([pattern, becomes]) => [regularExpression(pattern), becomes] as const,
  )
  const renamed = Array.from(found, (name): [string, string] => [mapped(modern(name), mapping), name])
  const names = renamed.filter(([name]) => !ignored.some(pattern => pattern.test(name)))
  const body = `${prefix}.`
  const modelHasBody = [...wanted].some(name => name.startsWith(body))
  const fileHasBody = names.some(([name]) => name.startsWith(body))
  const stored = new Map<string, string>()
  const outside: string[] = []
  for (const [name, original] of names) {
    const isOutside = !modelHasBody && fileHasBody && !name.startsWith(body)
    if (isOutside) {
      outside.push(original)
      continue
    }
    const isBare = modelHasBody && !fileHasBody && wanted.has(body + name)
    const own = isBare ? body + name : !modelHasBody && fileHasBody ? name.slice(body.length) : name
    const other = stored.get(own)
    if (other !== undefined) throw clash(file, own, other, original)
    stored.set(own, original)
  }
  return { stored, outside }
}

/** TensorFlow's names of what torch calls weight and bias (transformers/modeling_utils.py). */
function modern(name: string): string {
  return name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias')
}

function mapped(name: string, mapping: readonly (readonly [pattern: RegExp, becomes: string])[]): string {
  for (const [pattern, becomes] of mapping) {
    const changed = name.replaceAll(pattern, becomes)
    if (changed !== name) return changed
  }
  return name
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'gu')
  } catch (cause) {
    throw new ConfigError('OPTION_VALUE', `from_pretrained: key_mapping has the pattern '${pattern}', which is none`, {
      hint: 'a pattern is a regular expression, as in JavaScript',
      option: 'key_mapping',
      cause,
    })
  }
}

function clash(file: string, name: string, first: string, second: string): LoadError {
  return new LoadError('NAME_CLASH', `${file} has '${first}' and '${second}', and both would be '${name}'`, {
    hint: 'take one of them out of the file, or give a key_mapping that tells them apart',
    names: [first, second],
  })
}
