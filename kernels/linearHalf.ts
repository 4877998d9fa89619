// The product with a weight that is kept in half precision: its panels (panels.ts) hold 16-bit numbers, which are widened
// panel by panel before they are multiplied. Exactly the product with the widened weight.
import { widenBF16, widenF16 } from './convert.ts'
import { linear } from './linear.ts'

/** linear (linear.ts) with a weight of binary16 numbers. `scratch` is room for a panel: k * width numbers. */
export const linearF16 = widened(widenF16)

/** The same with bfloat16 numbers. */
export const linearBF16 = widened(widenBF16)

function widened(widen: typeof widenF16) {
  return (
    out: Float32Array,
    x: Float32Array,
    w: Uint16Array,
    bias: Float32Array,
    residual: Float32Array,
    ending: number,
    k: number,
    n: number,
    width: number,
    rows: number,
    _scratch: Float32Array,
    begin: number,
    end: number,
  ): void => {
    const whole = new Float32Array(Math.ceil(n / width) * k * width)
    widen(whole, w, begin * k * width, end * k * width)
    linear(out, x, whole, bias, residual, ending, k, n, width, rows, begin, end)
  }
}
