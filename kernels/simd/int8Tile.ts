// The inner loops of products of whole numbers: as tile.ts, but with sums of int32, and a few inputs at each step. How many,
// and which instruction multiplies them, is the Products' affair; both read 4 bytes of x and 4 columns of w at a time.

/** Products of four columns. */
@unmanaged
export abstract class Products {
  /** Four columns of w, `c` times as far on. */
  abstract weights(w: usize, c: usize): v128
  /** sums + the products of these weights with the inputs that stand in every lane of x. */
  abstract add(sums: v128, w: v128, x: v128): v128
  /** Bytes of four columns. */
  abstract step(): usize
}

/** Two inputs at a time as 16-bit numbers: every engine has that, and x may have 15 bits. */
@unmanaged @final
export class Pairs extends Products {
  @inline weights(w: usize, c: usize): v128 {
    return v128.load8x8_s(w + (c << 3))
  }
  @inline add(sums: v128, w: v128, x: v128): v128 {
    return i32x4.add(sums, i32x4.dot_i16x8_s(w, x))
  }
  @inline step(): usize {
    return 8
  }
}

/** Four inputs at a time, where x has 7 bits and no sign: one instruction on processors with VNNI. */
@unmanaged @final
export class Fours extends Products {
  @inline weights(w: usize, c: usize): v128 {
    return v128.load(w + (c << 4))
  }
  @inline add(sums: v128, w: v128, x: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sums)
    return sums
  }
  @inline step(): usize {
    return 16
  }
}

// @ts-ignore: decorator
@inline function zero(): v128 {
  return i32x4.splat(0)
}

/** out[r, c] = sum over `steps` of products, for 4 rows and 8 columns; the other steps are bytes. */
export function int8Tile4x8<P extends Products>(
  out: usize, x: usize, w: usize, steps: i32, outStep: usize, xStep: usize, wStep: usize,
): void {
  const p = changetype<P>(0)
  let a0 = zero(), a1 = zero(), b0 = zero(), b1 = zero(), c0 = zero(), c1 = zero(), d0 = zero(), d1 = zero()
  const x2 = xStep * 2, x3 = xStep * 3
  for (; steps > 0; steps--) {
    const w0 = p.weights(w, 0), w1 = p.weights(w, 1)
    let v = v128.load32_splat(x)
    a0 = p.add(a0, w0, v), a1 = p.add(a1, w1, v)
    v = v128.load32_splat(x + xStep)
    b0 = p.add(b0, w0, v), b1 = p.add(b1, w1, v)
    v = v128.load32_splat(x + x2)
    c0 = p.add(c0, w0, v), c1 = p.add(c1, w1, v)
    v = v128.load32_splat(x + x3)
    d0 = p.add(d0, w0, v), d1 = p.add(d1, w1, v)
    x += 4
    w += wStep
  }
  store8(out, a0, a1)
  store8(out + outStep, b0, b1)
  store8(out + outStep * 2, c0, c1)
  store8(out + outStep * 3, d0, d1)
}

/** The same for 16 columns, shaped for joining (tile.ts). */
export function int8Tile4x16<P extends Products>(
  out: usize, x: usize, w: usize, steps: i32, outStep: usize, xStep: usize,
): void {
  const p = changetype<P>(0)
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero()
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero(), d0 = zero(), d1 = zero(), d2 = zero(), d3 = zero()
  const x2 = xStep * 2, x3 = xStep * 3
  for (; steps > 0; steps--) {
    const w0 = p.weights(w, 0), w1 = p.weights(w, 1), w2 = p.weights(w, 2), w3 = p.weights(w, 3)
    let v = v128.load32_splat(x)
    a0 = p.add(a0, w0, v), a1 = p.add(a1, w1, v), a2 = p.add(a2, w2, v), a3 = p.add(a3, w3, v)
    v = v128.load32_splat(x + xStep)
    b0 = p.add(b0, w0, v), b1 = p.add(b1, w1, v), b2 = p.add(b2, w2, v), b3 = p.add(b3, w3, v)
    v = v128.load32_splat(x + x2)
    c0 = p.add(c0, w0, v), c1 = p.add(c1, w1, v), c2 = p.add(c2, w2, v), c3 = p.add(c3, w3, v)
    v = v128.load32_splat(x + x3)
    d0 = p.add(d0, w0, v), d1 = p.add(d1, w1, v), d2 = p.add(d2, w2, v), d3 = p.add(d3, w3, v)
    x += 4
    w += p.step() * 4
  }
  store16(out, a0, a1, a2, a3)
  store16(out + outStep, b0, b1, b2, b3)
  store16(out + outStep * 2, c0, c1, c2, c3)
  store16(out + outStep * 3, d0, d1, d2, d3)
}

/** The same for 6 rows: where one instruction does it all, more sums are needed to keep it busy. */
export function int8Tile6x16<P extends Products>(
  out: usize, x: usize, w: usize, steps: i32, outStep: usize, xStep: usize,
): void {
  const p = changetype<P>(0)
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero()
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero(), d0 = zero(), d1 = zero(), d2 = zero(), d3 = zero()
  let e0 = zero(), e1 = zero(), e2 = zero(), e3 = zero(), f0 = zero(), f1 = zero(), f2 = zero(), f3 = zero()
  const x2 = xStep * 2, x3 = xStep * 3, x4 = xStep * 4, x5 = xStep * 5
  for (; steps > 0; steps--) {
    const w0 = p.weights(w, 0), w1 = p.weights(w, 1), w2 = p.weights(w, 2), w3 = p.weights(w, 3)
    let v = v128.load32_splat(x)
    a0 = p.add(a0, w0, v), a1 = p.add(a1, w1, v), a2 = p.add(a2, w2, v), a3 = p.add(a3, w3, v)
    v = v128.load32_splat(x + xStep)
    b0 = p.add(b0, w0, v), b1 = p.add(b1, w1, v), b2 = p.add(b2, w2, v), b3 = p.add(b3, w3, v)
    v = v128.load32_splat(x + x2)
    c0 = p.add(c0, w0, v), c1 = p.add(c1, w1, v), c2 = p.add(c2, w2, v), c3 = p.add(c3, w3, v)
    v = v128.load32_splat(x + x3)
    d0 = p.add(d0, w0, v), d1 = p.add(d1, w1, v), d2 = p.add(d2, w2, v), d3 = p.add(d3, w3, v)
    v = v128.load32_splat(x + x4)
    e0 = p.add(e0, w0, v), e1 = p.add(e1, w1, v), e2 = p.add(e2, w2, v), e3 = p.add(e3, w3, v)
    v = v128.load32_splat(x + x5)
    f0 = p.add(f0, w0, v), f1 = p.add(f1, w1, v), f2 = p.add(f2, w2, v), f3 = p.add(f3, w3, v)
    x += 4
    w += p.step() * 4
  }
  store16(out, a0, a1, a2, a3)
  store16(out + outStep, b0, b1, b2, b3)
  store16(out + outStep * 2, c0, c1, c2, c3)
  store16(out + outStep * 3, d0, d1, d2, d3)
  store16(out + outStep * 4, e0, e1, e2, e3)
  store16(out + outStep * 5, f0, f1, f2, f3)
}

/** One row and 8 columns, in two sums each. */
export function int8Row8<P extends Products>(out: usize, x: usize, w: usize, steps: i32, wStep: usize): void {
  const p = changetype<P>(0)
  let a0 = zero(), a1 = zero(), b0 = zero(), b1 = zero()
  for (; steps >= 2; steps -= 2, x += 8) {
    const v = v128.load32_splat(x)
    a0 = p.add(a0, p.weights(w, 0), v), a1 = p.add(a1, p.weights(w, 1), v)
    w += wStep
    const u = v128.load32_splat(x, 4)
    b0 = p.add(b0, p.weights(w, 0), u), b1 = p.add(b1, p.weights(w, 1), u)
    w += wStep
  }
  if (steps > 0) {
    const v = v128.load32_splat(x)
    a0 = p.add(a0, p.weights(w, 0), v), a1 = p.add(a1, p.weights(w, 1), v)
  }
  store8(out, i32x4.add(a0, b0), i32x4.add(a1, b1))
}

/** One row and 16 columns. */
export function int8Row16<P extends Products>(out: usize, x: usize, w: usize, steps: i32): void {
  const p = changetype<P>(0)
  let a0 = zero(), a1 = zero(), a2 = zero(), a3 = zero(), b0 = zero(), b1 = zero(), b2 = zero(), b3 = zero()
  for (; steps >= 2; steps -= 2, x += 8) {
    const v = v128.load32_splat(x)
    a0 = p.add(a0, p.weights(w, 0), v), a1 = p.add(a1, p.weights(w, 1), v)
    a2 = p.add(a2, p.weights(w, 2), v), a3 = p.add(a3, p.weights(w, 3), v)
    const u = v128.load32_splat(x, 4)
    b0 = p.add(b0, p.weights(w, 4), u), b1 = p.add(b1, p.weights(w, 5), u)
    b2 = p.add(b2, p.weights(w, 6), u), b3 = p.add(b3, p.weights(w, 7), u)
    w += p.step() * 8
  }
  if (steps > 0) {
    const v = v128.load32_splat(x)
    a0 = p.add(a0, p.weights(w, 0), v), a1 = p.add(a1, p.weights(w, 1), v)
    a2 = p.add(a2, p.weights(w, 2), v), a3 = p.add(a3, p.weights(w, 3), v)
  }
  const s0 = i32x4.add(a0, b0), s1 = i32x4.add(a1, b1), s2 = i32x4.add(a2, b2), s3 = i32x4.add(a3, b3)
  store16(out, s0, s1, s2, s3)
}

// @ts-ignore: decorator
@inline function store8(out: usize, a: v128, b: v128): void {
  v128.store(out, a)
  v128.store(out, b, 16)
}

// @ts-ignore: decorator
@inline function store16(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(out, a)
  v128.store(out, b, 16)
  v128.store(out, c, 32)
  v128.store(out, d, 48)
}
