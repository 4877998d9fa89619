// The plain matrix product: see kernels/matmul.ts.
import { loadPart, mac, storePart, sum4, zero } from './vector'

/** a . b of two rows in memory. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, n: i32): f32 {
  let s = zero()
  let t = zero()
  let i = 0
  for (; i + 8 <= n; i += 8) {
    s = mac(v128.load(a + (i << 2)), v128.load(b + (i << 2)), s)
    t = mac(v128.load(a + (i << 2), 16), v128.load(b + (i << 2), 16), t)
  }
  if (i + 4 <= n) {
    s = mac(v128.load(a + (i << 2)), v128.load(b + (i << 2)), s)
    i += 4
  }
  if (i < n) t = mac(loadPart(a + (i << 2), n - i), loadPart(b + (i << 2), n - i), t)
  return sum4(f32x4.add(s, t))
}

/** out (n) = sum over i of a[i] * b[i, :], rows of b `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function mixRows(out: usize, a: usize, b: usize, k: i32, n: i32, step: usize): void {
  let c = 0
  for (; c + 16 <= n; c += 16) {
    let s0 = zero()
    let s1 = zero()
    let s2 = zero()
    let s3 = zero()
    let p = b + (c << 2)
    for (let i = 0; i < k; i++, p += step) {
      const f = v128.load32_splat(a + (i << 2))
      s0 = mac(f, v128.load(p), s0)
      s1 = mac(f, v128.load(p, 16), s1)
      s2 = mac(f, v128.load(p, 32), s2)
      s3 = mac(f, v128.load(p, 48), s3)
    }
    v128.store(out + (c << 2), s0)
    v128.store(out + (c << 2), s1, 16)
    v128.store(out + (c << 2), s2, 32)
    v128.store(out + (c << 2), s3, 48)
  }
  for (; c + 4 <= n; c += 4) {
    let s = zero()
    let p = b + (c << 2)
    for (let i = 0; i < k; i++, p += step) s = mac(v128.load32_splat(a + (i << 2)), v128.load(p), s)
    v128.store(out + (c << 2), s)
  }
  if (c < n) {
    let s = zero()
    let p = b + (c << 2)
    for (let i = 0; i < k; i++, p += step) s = mac(v128.load32_splat(a + (i << 2)), loadPart(p, n - c), s)
    storePart(out + (c << 2), s, n - c)
  }
}

export function matmul(
  out: usize,
  a: usize,
  b: usize,
  k: i32,
  n: i32,
  bRow: i32,
  bCol: i32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const row = a + (<usize>r * <usize>k << 2)
    const to = out + (<usize>r * <usize>n << 2)
    if (bCol == 1) mixRows(to, row, b, k, n, <usize>bRow << 2)
    else if (bRow == 1) {
      for (let c = 0; c < n; c++) store<f32>(to + (c << 2), dot(row, b + (<usize>c * <usize>bCol << 2), k))
    } else {
      for (let c = 0; c < n; c++) {
        let total: f32 = 0
        for (let i = 0; i < k; i++) total += load<f32>(row + (i << 2)) * load<f32>(b + (<usize>(i * bRow + c * bCol) << 2))
        store<f32>(to + (c << 2), total)
      }
    }
  }
}
