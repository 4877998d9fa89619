// A second opinion: GPT-2 in a few lines over plain arrays, from the paper and the names in the file. Shares nothing with src.

type Matrix = number[][]
/** A weight by its name: rows of numbers, or one row for a vector. */
export type Weights = (name: string) => Matrix

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
const transpose = (m: Matrix): Matrix => m[0]!.map((_, c) => m.map(row => row[c]!))
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, r) => row.map((x, c) => x + b[r]![c]!))

function softmax(row: number[]): number[] {
  const max = Math.max(...row)
  const exps = row.map(x => Math.exp(x - max))
  const sum = exps.reduce((a, b) => a + b, 0)
  return exps.map(x => x / sum)
}

const gelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))

function norm(x: Matrix, w: Weights, name: string): Matrix {
  const [[gain], [shift]] = [w(`${name}.weight`), w(`${name}.bias`)]
  return x.map(row => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length
    return row.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * gain![i]! + shift![i]!)
  })
}

function dense(x: Matrix, w: Weights, name: string): Matrix {
  const columns = transpose(w(`${name}.weight`))
  const [bias] = w(`${name}.bias`)
  return x.map(row => columns.map((column, o) => dot(row, column) + bias![o]!))
}

function attend(x: Matrix, w: Weights, name: string, heads: number): Matrix {
  const qkv = dense(x, w, `${name}.c_attn`)
  const C = x[0]!.length
  const D = C / heads
  const mixed = x.map((_, t) =>
    Array.from({ length: heads }, (_, h) => {
      const part = (s: number, i: number) => qkv[s]!.slice(i * C + h * D, i * C + (h + 1) * D)
      const probs = softmax(Array.from({ length: t + 1 }, (_, s) => dot(part(t, 0), part(s, 1)) / Math.sqrt(D)))
      return Array.from({ length: D }, (_, d) => probs.reduce((sum, p, s) => sum + p * part(s, 2)[d]!, 0))
    }).flat(),
  )
  return dense(mixed, w, `${name}.c_proj`)
}

/** Logits of every token's successor: (T, V). */
export function picoGpt2(
  ids: readonly number[],
  w: Weights,
  { layers, heads }: { layers: number; heads: number },
): Matrix {
  const [words, places] = [w('wte.weight'), w('wpe.weight')]
  let x = ids.map((id, t) => words[id]!.map((v, i) => v + places[t]![i]!))
  for (let layer = 0; layer < layers; layer++) {
    const name = `h.${layer}`
    x = plus(x, attend(norm(x, w, `${name}.ln_1`), w, `${name}.attn`, heads))
    const hidden = dense(norm(x, w, `${name}.ln_2`), w, `${name}.mlp.c_fc`).map(row => row.map(gelu))
    x = plus(x, dense(hidden, w, `${name}.mlp.c_proj`))
  }
  return norm(x, w, 'ln_f').map(row => words.map(word => dot(row, word)))
}
