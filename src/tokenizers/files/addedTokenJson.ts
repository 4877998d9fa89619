// An added token as an object of JSON.
import { AddedToken, addedTokenFlags } from '../added/addedTokens.ts'
import type { JsonFields } from './jsonFields.ts'

/** A token of its content and flags; `special` comes before what the object says. Throws for an empty content. */
export function addedTokenOf(fields: JsonFields, special?: boolean): AddedToken {
  const content = fields.text('content')
  if (content === '') throw fields.problem('content', 'a text that is not empty')
  const flags = addedTokenFlags.flatMap(flag => {
    const value = fields.flag(flag, undefined)
    return value === undefined ? [] : [[flag, value] as const]
  })
  return new AddedToken(content, { ...Object.fromEntries(flags), ...(special !== undefined && { special }) })
}

/** The fields of a token, in alphabetical order. */
export function addedTokenJson({ content, lstrip, normalized, rstrip, single_word, special }: AddedToken) {
  return { content, lstrip, normalized, rstrip, single_word, special }
}
