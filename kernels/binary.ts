// Arithmetic of two arrays over a grid of rows and columns, with either side repeated along rows or columns.
// out is (rows, cols); a[r, c] stands at r * aRow + c * aCol, likewise b: steps of 0 repeat a value, (0, 1) repeats one row.
// Rows begin..end are computed. out may be a or b when their steps are (cols, 1).

type Numbers = Float32Array | Int32Array

/** One operation on the grid; comparisons give 1 or 0. */
export type BinaryKernel = (
  out: Numbers,
  a: Numbers,
  b: Numbers,
  cols: number,
  aRow: number,
  aCol: number,
  bRow: number,
  bCol: number,
  begin: number,
  end: number,
) => void

export const add = overGrid((a, b) => a + b)
export const sub = overGrid((a, b) => a - b)
export const mul = overGrid((a, b) => a * b, Math.imul)
export const div = overGrid((a, b) => a / b)
/** a to the power of b. As in PyTorch, 1 to any power and any number to the power 0 give 1, also with NaN. */
export const pow = overGrid((a, b) => (a === 1 ? 1 : isMinusOneToInfinity(a, b) ? 1 : a ** b), wholePower)
/** The larger one; NaN if either is NaN. */
export const maximum = overGrid((a, b) => Math.max(a, b))
/** The smaller one; NaN if either is NaN. */
export const minimum = overGrid((a, b) => Math.min(a, b))
export const eq = overGrid((a, b) => (a === b ? 1 : 0))
export const ne = overGrid((a, b) => (a !== b ? 1 : 0))
export const lt = overGrid((a, b) => (a < b ? 1 : 0))
export const le = overGrid((a, b) => (a <= b ? 1 : 0))
export const gt = overGrid((a, b) => (a > b ? 1 : 0))
export const ge = overGrid((a, b) => (a >= b ? 1 : 0))

function isMinusOneToInfinity(a: number, b: number): boolean {
  return a === -1 && Math.abs(b) === Infinity
}

/** a to the power of b in 32 bits, which wraps around as a product does; 0 for a fraction. */
function wholePower(a: number, b: number): number {
  if (b < 0) return a === 1 || (a === -1 && b % 2 === 0) ? 1 : a === -1 ? -1 : 0
  let power = 1
  for (let square = a, rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = Math.imul(power, square)
    square = Math.imul(square, square)
  }
  return power
}

/** `whole` takes the place of f between int32 numbers, where f in double precision would lose the lowest bits. */
function overGrid(f: (a: number, b: number) => number, whole = f): BinaryKernel {
  return (out, a, b, cols, aRow, aCol, bRow, bCol, begin, end) => {
    const of = out instanceof Int32Array ? whole : f
    for (let r = begin; r < end; r++)
      for (let c = 0; c < cols; c++) out[r * cols + c] = of(a[r * aRow + c * aCol]!, b[r * bRow + c * bCol]!)
  }
}
