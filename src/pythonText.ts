// Numbers and JSON to the letter as Python writes them.

/** A float as Python's repr writes it: 1e-12 and 1e-05, but 0.0001. */
export function pythonNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${value}.0`
  if (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e16) return String(value)
  const [digits, exponent = '0'] = value.toExponential().split('e')
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`
}

/** A number that is a float in Python even where it is whole, as 1.0. */
export class PythonFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** JSON as Python's json.dumps(value, indent=2, sort_keys=True) writes it; whole numbers stand without a fraction. */
export function pythonJson(value: unknown, indent = ''): string {
  if (value instanceof PythonFloat) return pythonNumber(value.value)
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pythonNumber(value)
  if (typeof value === 'string') return asciiText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = `${indent}  `
  const items = Array.isArray(value)
    ? value.map(item => pythonJson(item, inner))
    : sortedEntries(value).map(([key, item]) => `${asciiText(key)}: ${pythonJson(item, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (items.length === 0) return `${open}${close}`
  return `${open}\n${items.map(item => inner + item).join(',\n')}\n${indent}${close}`
}

/** Fields by name; numbers, which JavaScript keeps in order, stay in it. */
function sortedEntries(value: object): [string, unknown][] {
  const entries: [string, unknown][] = Object.entries(value)
  return entries.every(([key]) => /^\d+$/.test(key)) ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

function asciiText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
