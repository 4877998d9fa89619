// What a machine can do at most: multiplying and adding without waiting for memory, and reading without anything else.

/** Numbers that a unit of multiplyAdd works on side by side: enough that no sum waits for the one before it. */
export const lanes = 96

/** Units are rows of out, (units, 96): each number x becomes x + x * factors[0], that as much by factors[1], and so on. */
export function multiplyAdd(
  out: Float32Array,
  factors: Float32Array,
  rounds: number,
  begin: number,
  end: number,
): void {
  for (let i = begin * lanes; i < end * lanes; i++) {
    for (let round = 0; round < rounds; round++) out[i]! += out[i]! * factors[round]!
  }
}

/** Units are rows of x, (units, count) with a multiple of 16: out[u, j] has every bit that is set in the row's j-th, (j+4)-th, ... number. */
export function readThrough(out: Int32Array, x: Int32Array, count: number, begin: number, end: number): void {
  out.fill(0, begin * 4, end * 4)
  for (let i = begin * count; i < end * count; i++) out[Math.floor(i / count) * 4 + (i % 4)]! |= x[i]!
}
