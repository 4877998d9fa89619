// Numbers that look like chance and are the same every time. Of our own, so that a change of the library's random numbers does not
// change what is measured.

/** Normal numbers (Box and Muller 1958) from those of `uniformNumbers`. */
export function normalNumbers(seed: number): () => number {
  const uniform = uniformNumbers(seed)
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

/** Even over [0, 1): xorshift32 (Marsaglia 2003). */
export function uniformNumbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
