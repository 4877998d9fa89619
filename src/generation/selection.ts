// The largest of many numbers without sorting them: by rank, or by a share of a mass. All in time that grows with their
// number.

/** The k-th largest of the first `count` values, none of them NaN. 1 <= k <= count. */
export function kthLargest(values: Float32Array, k: number, count = values.length): number {
  if (count <= 16 * k) return selected(values.slice(0, count), count - k)
  let least = Infinity
  for (const place of placesOfBest(values, k, count)) least = Math.min(least, values[place]!)
  return least
}

/**
 * The places, from the first on, of the k largest of the first `count` values and of those that equal the last of them
 * up to `slack`, a share of it; found in one pass. NaN counts as the largest.
 */
export function placesOfBest(values: Float32Array, k: number, count: number, slack = 0): Int32Array {
  // The best so far; when there is no more room the k best of them stay, and the last of these is the bar for others.
  let places = new Int32Array(Math.max(8 * k, 64))
  let filled = 0
  let bar = -Infinity
  for (let i = nextFrom(values, 0, count, bar); i < count; i = nextFrom(values, i + 1, count, bar)) {
    if (filled === places.length) {
      bar = barOf(values, places, filled, k, slack)
      filled = tightened(values, places, filled, bar)
      if (2 * filled > places.length) places = doubled(places)
      if (values[i]! < bar) continue
    }
    places[filled++] = i
  }
  if (filled > k) filled = tightened(values, places, filled, barOf(values, places, filled, k, slack))
  return places.subarray(0, filled)
}

/** The first place from `start` on whose value is not below the bar. */
function nextFrom(values: Float32Array, start: number, count: number, bar: number): number {
  let i = start
  while (i < count && values[i]! < bar) i++
  return i
}

/** The k-th largest of the values at the first `filled` places, less `slack`, a share of it. */
function barOf(values: Float32Array, places: Int32Array, filled: number, k: number, slack: number): number {
  const found = new Float32Array(filled)
  for (let i = 0; i < filled; i++) found[i] = values[places[i]!]!
  const last = selected(found, filled - k)
  return last - Math.abs(last) * slack
}

/** Leaves those of the first `filled` places whose values reach the bar, and returns how many these are. */
function tightened(values: Float32Array, places: Int32Array, filled: number, bar: number): number {
  let n = 0
  for (let i = 0; i < filled; i++) if (!(values[places[i]!]! < bar)) places[n++] = places[i]!
  return n
}

function doubled(places: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * places.length)
  longer.set(places)
  return longer
}

/** What stands at `place` once `values` are in order (quickselect, Hoare 1961); they are moved around. */
function selected(values: Float32Array, place: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const moved = values[i]!
      values[i++] = values[j]!
      values[j--] = moved
    }
    if (place <= j) high = j
    else if (place >= i) low = i
    else break
  }
  return values[place]!
}

/** Where the running sum of a mass stops to fit, in the order of keys. */
export interface MassBar {
  /** The lowest key whose mass, and that of all with the same key, does not fit any more; Infinity when all does. */
  readonly bar: number
  /** The mass of all lower keys. */
  readonly below: number
}

/**
 * Sums the mass of the first `count` keys, which must not be below 0, from the lowest on as long as the sum `fits`;
 * that must not become true again where the sum grows. NaN does not fit.
 */
export function massBar(
  keys: Float32Array,
  mass: Float32Array,
  count: number,
  fits: (sum: number) => boolean,
): MassBar {
  // Positive floats are in the order of their bits: sums by the first bits find a part, by the next ones a part of
  // that.
  const bits = new Uint32Array(keys.buffer, keys.byteOffset, count)
  let places: Int32Array | undefined
  let below = 0
  for (const [shift, width] of digits) {
    const sums = digitSums(bits, mass, places, shift, width)
    let digit = 0
    while (digit < sums.length && fits(below + sums[digit]!)) below += sums[digit++]!
    if (digit === sums.length) return { bar: Infinity, below }
    places = placesOf(bits, places, shift, width, digit)
  }
  return { bar: keys[places![0]!]!, below }
}

/** The 31 bits of a positive float in three digits: how far each is from the last bit, and how many bits it has. */
const digits = [
  [20, 11],
  [9, 11],
  [0, 9],
] as const

/** The mass for each value of a digit, at some places, or all. */
function digitSums(
  bits: Uint32Array,
  mass: Float32Array,
  places: Int32Array | undefined,
  shift: number,
  width: number,
): Float64Array {
  const sums = new Float64Array(2 ** width)
  const mask = sums.length - 1
  if (places) for (let i = 0; i < places.length; i++) sums[(bits[places[i]!]! >>> shift) & mask]! += mass[places[i]!]!
  else for (let i = 0; i < bits.length; i++) sums[(bits[i]! >>> shift) & mask]! += mass[i]!
  return sums
}

/** Those of some places, or of all, where a digit has a value. */
function placesOf(
  bits: Uint32Array,
  places: Int32Array | undefined,
  shift: number,
  width: number,
  digit: number,
): Int32Array {
  const mask = 2 ** width - 1
  const count = places?.length ?? bits.length
  const found = new Int32Array(count)
  let n = 0
  for (let i = 0; i < count; i++) {
    const place = places ? places[i]! : i
    if (((bits[place]! >>> shift) & mask) === digit) found[n++] = place
  }
  return found.subarray(0, n)
}
