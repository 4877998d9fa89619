// Every error and warning that the sources can raise, found in their syntax: code, class, messages and hints.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

const root = new URL('../..', import.meta.url).pathname
const isCode = text => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(text) && text.length > 2

/** The functions that make errors of a class, besides its constructor: by a pattern of their names. */
const makers = /(^|\.)(#?fault|about|bad|outside|problem|refuse\w*|wrong\w*|notStateDict|#?refusal|error)$/i

/** { code, kind, messages: Set, hints: Set, files: Set } by `kind code`; kind is the class, or 'warning'. */
export function collect() {
  const found = new Map()
  const add = ({ code, kind, message, hints, file }) => {
    const key = `${kind} ${code}`
    const entry = found.get(key) ?? { code, kind, messages: new Set(), hints: new Set(), files: new Set() }
    found.set(key, entry)
    if (message) entry.messages.add(message)
    for (const hint of hints) entry.hints.add(hint)
    entry.files.add(file)
  }
  for (const path of ['src', 'models'].flatMap(sourceFiles)) {
    const file = relative(root, path)
    const source = ts.createSourceFile(file, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
    for (const each of raisedIn(source, file)) add({ ...each, file })
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.kind < b.kind ? -1 : 1))
}

function sourceFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function raisedIn(source, file) {
  const raised = []
  const visit = node => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) raised.push(...fromCall(node, file))
    if (ts.isObjectLiteralExpression(node)) raised.push(...fromObject(node))
    if (ts.isArrayLiteralExpression(node)) raised.push(...fromPair(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return raised
}

/** new FileError('CODE', message, { hint }), fault('CODE', message, { hint }), warnOnce('CODE', message) */
function fromCall(node, file) {
  const name = calleeName(node.expression)
  const isError = ts.isNewExpression(node) && /^[A-Z]\w*Error$/.test(name)
  // new ServeError(404, 'CODE', ...) has the status first.
  const all = node.arguments ?? []
  const hasStatus = isError && all.length > 1 && codesOf(all[0]).length === 0
  const args = hasStatus ? all.slice(1) : all
  const isWarning = name === 'warnOnce'
  const isMaker = !ts.isNewExpression(node) && makers.test(name)
  const codes = args[0] ? codesOf(args[0]) : []
  if (codes.length === 0 || !(isError || isWarning || isMaker)) return []
  const kind = isError ? name : isWarning ? 'warning' : makerClass(file, name)
  const messages = args[1] ? texts(args[1]) : []
  const given = isWarning ? [] : hintsOf(args[2])
  const hints = given.length > 0 || isError || isWarning ? given : usualHints(file)
  const about = isMaker && kind === 'FileError' && !/^(this\.)?#?(bad)$/.test(name) ? '‹file› ' : ''
  return codes.flatMap(code => messages.map(message => ({ code, kind, message: about + message, hints })))
}

/** `fault`, and for faultIn(file)('CODE', ...) too. */
function calleeName(expression) {
  const isMade = ts.isCallExpression(expression) && /fault(In)?$/i.test(expression.expression.getText())
  return isMade ? 'fault' : expression.getText()
}

/** { code: 'CODE', what: '...', hint: '...' } in a table of faults. */
function fromObject(node) {
  const value = name =>
    node.properties.find(each => ts.isPropertyAssignment(each) && each.name.getText() === name)?.initializer
  const [code, what, hint] = [value('code'), value('what'), value('hint')]
  if (!code || !ts.isStringLiteral(code) || !isCode(code.text) || !what) return []
  return [
    { code: code.text, kind: 'FileError', message: `‹file› is ${texts(what)[0]}`, hints: hint ? texts(hint) : [] },
  ]
}

/** ['CODE', 'what'] as one of two choices. */
function fromPair(node) {
  const [code, what] = node.elements
  const isPair = node.elements.length === 2 && ts.isConditionalExpression(node.parent) && ts.isStringLiteral(code)
  if (!isPair || !isCode(code.text)) return []
  return [
    {
      code: code.text,
      kind: 'FileError',
      message: `‹file›: a tensor begins ${texts(what)[0]}`,
      hints: usualHints('src/checkpoint'),
    },
  ]
}

/** The class of what a maker makes: the only one that its file throws, or FileError, which most makers make. */
function makerClass(file, name) {
  if (file.startsWith('src/checkpoint')) return 'FileError'
  const text = readFileSync(join(root, file), 'utf8')
  const own = new RegExp(
    `${name.replace(/^this\./, '').replace(/[#$]/g, '\\$&')}\\b[^\\n]*(?:\\n[^\\n]*){0,6}?new (\\w+Error)\\(`,
  ).exec(text)
  return own?.[1] ?? /new (\w+Error)\(/.exec(text)?.[1] ?? 'FileError'
}

/** What every fault of a part ends with when it says nothing else. */
function usualHints(file) {
  const maker = file.includes('/pytorch/')
    ? 'pytorch/pytorchFault.ts'
    : file.includes('shard')
      ? 'shardIndex.ts'
      : 'headerFault.ts'
  if (!file.startsWith('src/checkpoint')) return []
  const text = readFileSync(join(root, 'src/checkpoint', maker), 'utf8')
  const [, hint] = /(?:usualHint = |hint: )\n?\s*'([^']+)'/.exec(text) ?? []
  return hint ? [hint] : []
}

function hintsOf(node) {
  if (!node || !ts.isObjectLiteralExpression(node)) return []
  const own = node.properties.flatMap(each => {
    if (ts.isPropertyAssignment(each) && each.name.getText() === 'hint') return texts(each.initializer)
    if (ts.isShorthandPropertyAssignment(each) && each.name.text === 'hint') return texts(each.name)
    return []
  })
  return own.filter(text => text !== '' && text !== '…')
}

/** The codes that an expression can be; a parameter `code` can be its default and what the function is called with. */
function codesOf(node) {
  if (!ts.isIdentifier(node) || node.text !== 'code') return literals(node).filter(isCode)
  let owner = node.parent
  while (owner && !(ts.isFunctionDeclaration(owner) && owner.parameters.some(each => each.name.getText() === 'code')))
    owner = owner.parent
  if (owner?.name) return passedCodes(owner.name.text)
  const initializer = declarationOf(node)
  return initializer ? literals(initializer).filter(isCode) : []
}

const passed = new Map()

function passedCodes(name) {
  if (!passed.has(name)) {
    const calls = new RegExp(`\\b${name}\\([^()]*'([A-Z][A-Z0-9_]+)'[^()]*\\)`, 'g')
    const codes = ['src', 'models'].flatMap(sourceFiles).flatMap(path => {
      const text = readFileSync(path, 'utf8')
      const declared = new RegExp(`function ${name}\\([^)]*code = '([A-Z_]+)'`).exec(text)
      return [...(declared ? [declared[1]] : []), ...Array.from(text.matchAll(calls), ([, code]) => code)]
    })
    passed.set(name, [...new Set(codes)].filter(isCode))
  }
  return passed.get(name)
}

/** The string literals that an expression can be: both sides of a choice, the values of a table. */
function literals(node) {
  if (ts.isStringLiteral(node)) return [node.text]
  if (ts.isParenthesizedExpression(node)) return literals(node.expression)
  if (ts.isConditionalExpression(node)) return [...literals(node.whenTrue), ...literals(node.whenFalse)]
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [...literals(node.left), ...literals(node.right)]
  }
  const table = ts.isElementAccessExpression(node) && ts.isIdentifier(node.expression) && declarationOf(node.expression)
  if (!table || !ts.isObjectLiteralExpression(table)) return []
  return table.properties.flatMap(each => (ts.isPropertyAssignment(each) ? literals(each.initializer) : []))
}

/** The texts that an expression can be, with ‹names› for what is only known when it runs. */
export function texts(node, depth = 0) {
  if (depth > 4) return ['…']
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text]
  if (ts.isParenthesizedExpression(node)) return texts(node.expression, depth)
  if (ts.isConditionalExpression(node)) return [...texts(node.whenTrue, depth), ...texts(node.whenFalse, depth)]
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(span => `${nameOf(span.expression)}${span.literal.text}`)
    return [node.head.text + parts.join('')]
  }
  if (ts.isBinaryExpression(node)) {
    const kind = node.operatorToken.kind
    if (kind === ts.SyntaxKind.PlusToken) return [texts(node.left, depth + 1)[0] + texts(node.right, depth + 1)[0]]
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken) return texts(node.right, depth)
    if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken)
      return [...texts(node.left, depth), ...texts(node.right, depth)]
  }
  if (ts.isIdentifier(node)) {
    const initializer = declarationOf(node)
    if (initializer) return texts(initializer, depth + 1)
    if (node.text === 'undefined') return ['']
  }
  return [nameOf(node)]
}

/** What a const of this name begins with: the nearest one before it in the file. */
function declarationOf(identifier) {
  let best
  const visit = node => {
    if (
      ts.isVariableDeclaration(node) &&
      ts.isIdentifier(node.name) &&
      node.name.text === identifier.text &&
      node.initializer
    ) {
      if (node.pos < identifier.pos || !best) best = node.initializer
    }
    ts.forEachChild(node, visit)
  }
  visit(identifier.getSourceFile())
  return best
}

/** A value that is only known when the program runs, by the name it has in the source. */
function nameOf(node) {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
    const known = declarationOf(node)
    if (known && (ts.isNumericLiteral(known) || ts.isStringLiteral(known))) return known.text
    return `‹${node.text.replace('#', '')}›`
  }
  if (ts.isPropertyAccessExpression(node)) return nameOf(node.name)
  if (ts.isElementAccessExpression(node)) return nameOf(node.expression)
  if (ts.isCallExpression(node) && node.arguments.length > 0 && !ts.isArrowFunction(node.arguments[0])) {
    const isJoin =
      ts.isPropertyAccessExpression(node.expression) &&
      ['join', 'slice', 'toFixed', 'padStart', 'get'].includes(node.expression.name.text)
    return nameOf(isJoin ? node.expression.expression : node.arguments[0])
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return nameOf(node.expression.expression)
  if (
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSpreadElement(node)
  )
    return nameOf(node.expression)
  if (ts.isStringLiteral(node)) return node.text
  if (node.kind === ts.SyntaxKind.ThisKeyword) return '‹this›'
  return '…'
}
