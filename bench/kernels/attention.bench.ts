// Attention of a prompt and of one new token over the cache, whole and in its two steps.
import { attention, attentionScores, attentionValues } from '../../kernels/attention.ts'
import { type KernelCase, type KernelCases, kernelCase, normal, positive, room } from './case.ts'

export const cases: KernelCases = ({ T, H, D, S }) => {
  const none = room(0)
  const scale = 1 / Math.sqrt(D)
  /** `rows` new tokens, `tokens` in all. */
  const at = (rows: number, tokens: number): KernelCase[] => {
    const [q, k, v] = [normal(H * rows * D), normal(H * tokens * D, 2), normal(H * tokens * D, 3)]
    const units = H * rows
    const scratch = room(Math.max(units * tokens, (tokens + 16) * (D + 24)))
    const label = `${H} heads, ${rows} x ${tokens} x ${D}`
    const step = 2 * units * tokens * D
    return [
      kernelCase(
        'attention',
        label,
        attention,
        [room(units * D), q, k, v, none, H, rows, tokens, tokens, D, scale, 0, 0, scratch] as const,
        { units, flops: 2 * step, bytes: 4 * H * D * 2 * (rows + tokens), tolerance: 1e-4 },
      ),
      kernelCase(
        'attentionScores',
        label,
        attentionScores,
        [room(units * tokens), q, k, none, H, rows, tokens, tokens, D, scale, 0, 0, scratch] as const,
        { units, flops: step, tolerance: 1e-4 },
      ),
      kernelCase(
        'attentionValues',
        label,
        attentionValues,
        [room(units * D), positive(units * tokens), v, rows, tokens, tokens, D] as const,
        { units, flops: step, tolerance: 1e-2 },
      ),
    ]
  }
  return [...at(T, T), ...at(1, S)]
}
