// Bytes as people read them.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** In powers of 1000, as the hub's pages have it: 5 B, 1.2 kB, 409 MB. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
