// Normal float32 numbers from even ones (Box and Muller 1958), to the bit as PyTorch makes them on x86.
//
// Logarithm, sine and cosine are Cephes' polynomials in single precision (Moshier; PyTorch has them from avx_mathfun.h), and
// every rounding counts. `fround(a * b + c)` stands for a fused multiply-add: the product of two float32 numbers is exact in
// double precision, only the sum is rounded. It is rounded to double and again to float32, which differs from rounding
// once for about one sum in 2^29.
const { fround } = Math

/** How many numbers are made at once: the first half gives radii, the second angles. */
export const blockLength = 16
const half = blockLength / 2

/** Turns 16 numbers, even over [0, 1) in steps of 2^-24, into normal ones, in place from `begin` on. */
export function boxMuller(values: Float32Array, begin: number, mean: number, std: number): void {
  for (let i = begin; i < begin + half; i++) {
    const radius = fround(Math.sqrt(fround(-2 * logOf(1 - values[i]!))))
    const x = fround(twoPi * values[i + half]!)
    // x is an even number of eighths of a turn, and a rest of one eighth at most on either side.
    const eighths = (fround(x * eighthsOf) + 1) & ~1
    let rest = fround(eighths * -0.78515625 + x)
    rest = fround(eighths * middleEighth + rest)
    rest = fround(eighths * lowEighth + rest)
    const square = fround(rest * rest)
    const sine = sineOf(rest, square)
    const cosine = cosineOf(square)
    const upright = (eighths & 2) !== 0
    const across = upright ? sine : cosine
    const up = upright ? cosine : sine
    values[i] = fround(fround(radius * ((eighths + 2) & 4 ? -across : across)) * std + mean)
    values[i + half] = fround(fround(radius * (eighths & 4 ? -up : up)) * std + mean)
  }
}

const twoPi = fround(2 * Math.PI)
const eighthsOf = fround(4 / Math.PI)
/** An eighth of a turn in three parts, so that few of them add up exactly: 0.78515625, and these. */
const middleEighth = fround(-2.4187564849853516e-4)
const lowEighth = fround(-3.774894977445941e-8)

const [s0, s1, s2] = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(fround) as [number, number, number]
const [c0, c1, c2] = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(fround) as [
  number,
  number,
  number,
]

function sineOf(x: number, square: number): number {
  const y = fround(fround(s0 * square + s1) * square + s2)
  return fround(fround(y * square) * x + x)
}

function cosineOf(square: number): number {
  const y = fround(fround(c0 * square + c1) * square + c2)
  return fround(fround(fround(y * square) * square - 0.5 * square) + 1)
}

const logTerms = Float32Array.of(
  ...[7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1],
  ...[-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
)
/** log(2) in two parts. */
const lowLog2 = fround(-2.1219444e-4)
const highLog2 = 0.693359375
const rootOfHalf = fround(Math.SQRT1_2)
/** 2^(i - 32) */
const powers = Float64Array.from({ length: 33 }, (_, i) => 2 ** (i - 32))

/** Natural logarithm of n / 2^24, n whole from 1 to 2^24. */
function logOf(x: number): number {
  const n = x * 2 ** 24
  const zeros = Math.clz32(n)
  // x = m * 2^exponent with m from sqrt(1/2) to sqrt(2).
  let exponent = 8 - zeros
  let m = n * powers[zeros]!
  if (m < rootOfHalf) {
    exponent--
    m *= 2
  }
  const r = m - 1
  const square = fround(r * r)
  let y = logTerms[0]!
  for (let i = 1; i < logTerms.length; i++) y = fround(y * r + logTerms[i]!)
  y = fround(fround(y * r) * square + fround(exponent * lowLog2))
  y = fround(y - 0.5 * square)
  return fround(exponent * highLog2 + fround(r + y))
}
