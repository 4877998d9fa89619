// The printed summary of a tokenizer, as Python's repr() gives it.
import type { AddedToken } from './added/addedTokens.ts'
import type { PreTrainedTokenizer } from './base.ts'

/** One line of what it is, and one for each token that was added. */
export function summaryOf(tokenizer: PreTrainedTokenizer): string {
  const { model_max_length } = tokenizer
  const facts = {
    name_or_path: `'${tokenizer.name_or_path}'`,
    vocab_size: tokenizer.vocab_size,
    // What transformers has for no limit.
    model_max_length: model_max_length === Infinity ? '1000000000000000019884624838656' : model_max_length,
    is_fast: truth(tokenizer.is_fast),
    padding_side: `'${tokenizer.padding_side}'`,
    truncation_side: `'${tokenizer.truncation_side}'`,
    special_tokens: dictionary(tokenizer.special_tokens_map),
    clean_up_tokenization_spaces: truth(tokenizer.clean_up_tokenization_spaces),
  }
  const added = [...tokenizer.added_tokens_decoder].map(([id, token]) => `\t${id}: ${addedTokenText(token)},\n`)
  const line = Object.entries(facts).map(([name, fact]) => `${name}=${fact}`)
  return `${tokenizer.className}(${line.join(', ')}, added_tokens_decoder={\n${added.join('') || '\t\n'}}\n)`
}

function addedTokenText({ content, rstrip, lstrip, single_word, normalized, special }: AddedToken): string {
  const flags = Object.entries({ rstrip, lstrip, single_word, normalized, special })
  return `AddedToken("${content}", ${flags.map(([name, flag]) => `${name}=${truth(flag)}`).join(', ')})`
}

function dictionary(values: Readonly<Record<string, string | string[]>>): string {
  const textOf = (value: string | string[]): string =>
    typeof value === 'string' ? quoted(value) : `[${value.map(quoted).join(', ')}]`
  return `{${Object.entries(values)
    .map(([name, value]) => `${quoted(name)}: ${textOf(value)}`)
    .join(', ')}}`
}

function truth(flag: boolean): string {
  return flag ? 'True' : 'False'
}

/** A string as Python writes it: in single quotes, unless it has some and no double ones. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`)
  return mark + escaped.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r') + mark
}
