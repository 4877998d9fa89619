// Writes docs/errors.md from the sources: every error code with what it says and the way out.
// Run: node scripts/errors.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { collect } from './errors/collect.mjs'

const target = new URL('../docs/errors.md', import.meta.url)

/** The most messages that stand under one code. */
const mostMessages = 20

const introduction = `# Errors

Made from the sources by \`node scripts/errors.mjs\`; a test compares. What is refused is thrown as an error with a \`code\`
that never changes, a \`message\` that says who refused what and mostly ends with a next step in parentheses, and \`fields\` for programs:

    try {
      await AutoModel.from_pretrained(folder)
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'WEIGHTS_MISSING') console.log(error.message, error.fields)
      else throw error
    }

Under each code stand the messages that it comes with, then the way out. ‹Names› are filled in when it happens, … is a longer part.
`

/** The document. */
export function errorsPage() {
  const all = collect()
  const classes = [...new Set(all.map(({ kind }) => kind))].filter(kind => kind !== 'warning').sort()
  const { about, ways } = JSON.parse(readFileSync(new URL('./errors/words.json', import.meta.url), 'utf8'))
  const unused = Object.keys(ways).filter(
    key => !all.some(({ code, kind }) => key === code || key === `${kind} ${code}`),
  )
  if (unused.length > 0) throw new Error(`words.json has ways out for codes that are no more: ${unused.join(', ')}`)
  const stuck = all.filter(
    ({ code, kind, hints }) => kind !== 'warning' && hints.size === 0 && !(ways[`${kind} ${code}`] ?? ways[code]),
  )
  if (stuck.length > 0) {
    const names = stuck.map(({ code, kind, files }) => `${kind} ${code} in ${[...files].join(', ')}`).join('\n  ')
    throw new Error(`no way out for\n  ${names}\ngive these errors a hint, or add them to scripts/errors/words.json`)
  }
  const sections = classes.map(kind => {
    const entries = all.filter(each => each.kind === kind)
    return `## ${kind}\n\n${about[kind] ?? ''}\n\n${entries.map(each => entryText(each, ways)).join('\n')}`
  })
  const warnings = all.filter(({ kind }) => kind === 'warning')
  const warned = warnings.map(({ code, messages }) => `### ${code}\n\n${listed(messages)}\n`).join('\n')
  return `${introduction}\n${sections.join('\n')}\n## Warnings\n\n${about.warning}\n\n${warned}`
}

function entryText({ code, kind, messages, hints }, ways) {
  const written = ways[`${kind} ${code}`] ?? ways[code]
  const out = [...(written ? [written] : []), ...hints]
  if (out.length === 0)
    throw new Error(`${kind} ${code} has no way out: give its errors a hint, or add it to scripts/errors/words.json`)
  return `### ${code}\n\n${listed(messages)}\n\n**Way out:** ${sentence([...new Set(out)].slice(0, mostMessages).map(plain))}\n`
}

/** Hints one after the other, with a semicolon between those that are no questions. */
function sentence(hints) {
  return hints.map((hint, i) => (hint.endsWith('?') ? hint : hint + (i < hints.length - 1 ? ';' : '.'))).join(' ')
}

function listed(messages) {
  const shown = [...messages].slice(0, mostMessages).map(message => `- ${plain(message)}`)
  const rest = messages.size - shown.length
  return [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n')
}

/** On one line, without what Markdown would take for its own. */
function plain(text) {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[<>*`\\]/g, '\\$&')
    .trim()
    .replace(/[.;]$/, '')
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const page = errorsPage()
  if (process.argv.includes('--check')) {
    const isCurrent = readFileSync(target, 'utf8') === page
    console.log(isCurrent ? 'docs/errors.md is current' : 'docs/errors.md is old: run node scripts/errors.mjs')
    process.exitCode = isCurrent ? 0 : 1
  } else writeFileSync(target, page)
}
