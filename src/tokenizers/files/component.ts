// The parts of a tokenizer.json have types; one that is not built here is refused by its name.
import { ConfigError } from '../../errors.ts'
import type { JsonFields } from './jsonFields.ts'

/** A component's object, and its type among those that are known. */
export interface Component<T extends string> {
  readonly type: T
  readonly fields: JsonFields
}

/** Throws ConfigError UNSUPPORTED_COMPONENT for a type that is not among `names`. */
export function knownType<T extends string>(fields: JsonFields, type: string, names: readonly T[]): T {
  const found = names.find(name => name === type)
  if (found) return found
  throw new ConfigError('UNSUPPORTED_COMPONENT', `tokenizer.json: ${fields.path('type')} '${type}' is not supported`, {
    type,
    hint: names.length > 0 ? `known here: ${names.join(', ')}` : 'there must be none here',
  })
}

/** The component of an object. Throws UNSUPPORTED_COMPONENT. */
export function componentOf<T extends string>(fields: JsonFields, names: readonly T[]): Component<T> {
  return { type: knownType(fields, fields.text('type'), names), fields }
}

/** The component under a name; undefined when there is none. Throws UNSUPPORTED_COMPONENT. */
export function componentAt<T extends string>(
  root: JsonFields,
  name: string,
  names: readonly T[],
): Component<T> | undefined {
  return root.get(name) === undefined ? undefined : componentOf(root.object(name), names)
}
