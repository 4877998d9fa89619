// Dividing tensors among files of a limited size, in the order in which they come (huggingface_hub, serialization/_base.py).
import { ConfigError, valueText } from '../errors.ts'

const units: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** A number of bytes, or a text such as '5GB' (units of 1000). Throws ConfigError OPTION_VALUE. */
export function byteCount(size: number | string, option: string): number {
  if (typeof size === 'number' && Number.isSafeInteger(size) && size > 0) return size
  const [, digits, unit] = (typeof size === 'string' && /^\s*(\d+(?:\.\d+)?)\s*([KMGT]B)\s*$/i.exec(size)) || []
  const bytes = digits && unit ? Math.trunc(Number(digits) * units[unit.toUpperCase()]!) : 0
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new ConfigError(
    'OPTION_VALUE',
    `${option} must be a number of bytes, or a text such as '5GB', got ${valueText(size)}`,
    {
      option,
      hint: `units: ${Object.keys(units).join(', ')}`,
    },
  )
}

/** Groups of names; none is above `most` bytes, but for a tensor that is so alone. */
export function shardsOf(sizes: Iterable<readonly [name: string, bytes: number]>, most: number): string[][] {
  const shards: string[][] = []
  let current: string[] = []
  let filled = 0
  for (const [name, bytes] of sizes) {
    if (bytes > most) {
      shards.push([name])
      continue
    }
    if (filled + bytes > most) {
      shards.push(current)
      current = []
      filled = 0
    }
    current.push(name)
    filled += bytes
  }
  if (current.length > 0) shards.push(current)
  return shards
}
