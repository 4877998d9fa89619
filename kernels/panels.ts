// The order in which a weight matrix lies in memory. A weight of k inputs and n outputs is cut into panels of `width`
// outputs; a panel holds its k rows of `width` numbers one after the other, and the last one is filled up with zeros. So
// width 1 is the (n, k) order of torch's Linear, width n is the (k, n) order of GPT-2's Conv1D, and 8 or 16 is what vector
// units like.

/**
 * Puts k rows of a weight into panels begin..end: number [i, o] comes from w[i * wIn + o * wOut]; panels of `out` lie
 * `panelStep` apart (k * width when the k rows are all there are).
 */
export function pack(
  out: Float32Array,
  w: Float32Array,
  k: number,
  n: number,
  wIn: number,
  wOut: number,
  width: number,
  panelStep: number,
  begin: number,
  end: number,
): void {
  for (let p = begin; p < end; p++) {
    for (let i = 0; i < k; i++) {
      for (let c = 0; c < width; c++) {
        const o = p * width + c
        out[p * panelStep + i * width + c] = o < n ? w[i * wIn + o * wOut]! : 0
      }
    }
  }
}

/** The other way round: out[i * outIn + o * outOut] = number [i, o] of the panels, for inputs begin..end. */
export function unpack(
  out: Float32Array,
  panels: Float32Array,
  k: number,
  n: number,
  outIn: number,
  outOut: number,
  width: number,
  begin: number,
  end: number,
): void {
  for (let i = begin; i < end; i++)
    for (let o = 0; o < n; o++)
      out[i * outIn + o * outOut] = panels[Math.floor(o / width) * k * width + i * width + (o % width)]!
}
