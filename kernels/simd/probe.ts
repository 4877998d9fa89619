// The fast twin of kernels/probe.ts.
import { columnsOfTile } from './tile'
import { mac } from './vector'

export function multiplyAdd(out: usize, factors: usize, rounds: i32, begin: i32, end: i32): void {
  for (let at = out + <usize>begin * 384; at < out + <usize>end * 384; at += 384) {
    if (columnsOfTile() == 16) wide(at, factors, rounds)
    else {
      narrow(at, factors, rounds)
      narrow(at + 192, factors, rounds)
    }
  }
}

/** 48 numbers in 12 of the 16 vectors that a processor has at least. */
function narrow(out: usize, factors: usize, rounds: i32): void {
  let a0 = v128.load(out), a1 = v128.load(out, 16), a2 = v128.load(out, 32), a3 = v128.load(out, 48)
  let a4 = v128.load(out, 64), a5 = v128.load(out, 80), a6 = v128.load(out, 96), a7 = v128.load(out, 112)
  let a8 = v128.load(out, 128), a9 = v128.load(out, 144), a10 = v128.load(out, 160), a11 = v128.load(out, 176)
  for (; rounds > 0; rounds--, factors += 4) {
    const v = v128.load32_splat(factors)
    a0 = mac(a0, v, a0)
    a1 = mac(a1, v, a1)
    a2 = mac(a2, v, a2)
    a3 = mac(a3, v, a3)
    a4 = mac(a4, v, a4)
    a5 = mac(a5, v, a5)
    a6 = mac(a6, v, a6)
    a7 = mac(a7, v, a7)
    a8 = mac(a8, v, a8)
    a9 = mac(a9, v, a9)
    a10 = mac(a10, v, a10)
    a11 = mac(a11, v, a11)
  }
  v128.store(out, a0)
  v128.store(out, a1, 16)
  v128.store(out, a2, 32)
  v128.store(out, a3, 48)
  v128.store(out, a4, 64)
  v128.store(out, a5, 80)
  v128.store(out, a6, 96)
  v128.store(out, a7, 112)
  v128.store(out, a8, 128)
  v128.store(out, a9, 144)
  v128.store(out, a10, 160)
  v128.store(out, a11, 176)
}

/** 96 numbers, as many vectors when pairs of them are joined. */
function wide(out: usize, factors: usize, rounds: i32): void {
  let a0 = v128.load(out), a1 = v128.load(out, 16), a2 = v128.load(out, 32), a3 = v128.load(out, 48)
  let a4 = v128.load(out, 64), a5 = v128.load(out, 80), a6 = v128.load(out, 96), a7 = v128.load(out, 112)
  let a8 = v128.load(out, 128), a9 = v128.load(out, 144), a10 = v128.load(out, 160), a11 = v128.load(out, 176)
  let a12 = v128.load(out, 192), a13 = v128.load(out, 208), a14 = v128.load(out, 224), a15 = v128.load(out, 240)
  let a16 = v128.load(out, 256), a17 = v128.load(out, 272), a18 = v128.load(out, 288), a19 = v128.load(out, 304)
  let a20 = v128.load(out, 320), a21 = v128.load(out, 336), a22 = v128.load(out, 352), a23 = v128.load(out, 368)
  for (; rounds > 0; rounds--, factors += 4) {
    const v = v128.load32_splat(factors)
    a0 = mac(a0, v, a0)
    a1 = mac(a1, v, a1)
    a2 = mac(a2, v, a2)
    a3 = mac(a3, v, a3)
    a4 = mac(a4, v, a4)
    a5 = mac(a5, v, a5)
    a6 = mac(a6, v, a6)
    a7 = mac(a7, v, a7)
    a8 = mac(a8, v, a8)
    a9 = mac(a9, v, a9)
    a10 = mac(a10, v, a10)
    a11 = mac(a11, v, a11)
    a12 = mac(a12, v, a12)
    a13 = mac(a13, v, a13)
    a14 = mac(a14, v, a14)
    a15 = mac(a15, v, a15)
    a16 = mac(a16, v, a16)
    a17 = mac(a17, v, a17)
    a18 = mac(a18, v, a18)
    a19 = mac(a19, v, a19)
    a20 = mac(a20, v, a20)
    a21 = mac(a21, v, a21)
    a22 = mac(a22, v, a22)
    a23 = mac(a23, v, a23)
  }
  v128.store(out, a0)
  v128.store(out, a1, 16)
  v128.store(out, a2, 32)
  v128.store(out, a3, 48)
  v128.store(out, a4, 64)
  v128.store(out, a5, 80)
  v128.store(out, a6, 96)
  v128.store(out, a7, 112)
  v128.store(out, a8, 128)
  v128.store(out, a9, 144)
  v128.store(out, a10, 160)
  v128.store(out, a11, 176)
  v128.store(out, a12, 192)
  v128.store(out, a13, 208)
  v128.store(out, a14, 224)
  v128.store(out, a15, 240)
  v128.store(out, a16, 256)
  v128.store(out, a17, 272)
  v128.store(out, a18, 288)
  v128.store(out, a19, 304)
  v128.store(out, a20, 320)
  v128.store(out, a21, 336)
  v128.store(out, a22, 352)
  v128.store(out, a23, 368)
}

export function readThrough(out: usize, x: usize, count: i32, begin: i32, end: i32): void {
  for (let u = begin; u < end; u++) bitsOf(out + ((<usize>u) << 4), x + (<usize>u) * ((<usize>count) << 2), count)
}

/** Four vectors at a time, so that reading is all there is to wait for. */
function bitsOf(out: usize, x: usize, count: i32): void {
  let a = i32x4.splat(0), b = a, c = a, d = a
  for (; count >= 16; count -= 16, x += 64) {
    a = v128.or(a, v128.load(x))
    b = v128.or(b, v128.load(x, 16))
    c = v128.or(c, v128.load(x, 32))
    d = v128.or(d, v128.load(x, 48))
  }
  v128.store(out, v128.or(v128.or(a, b), v128.or(c, d)))
}
