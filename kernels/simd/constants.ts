// The constants of the vector functions, each four times over, in static memory: a vector literal is built anew at every use,
// a load from a fixed address is one instruction.

const table: usize = memory.data<f32>([
  12582912.0, 12582912.0, 12582912.0, 12582912.0, // MAGIC
  89.0, 89.0, 89.0, 89.0, // EXP_MOST
  -104.0, -104.0, -104.0, -104.0, // EXP_LEAST
  1.44269504, 1.44269504, 1.44269504, 1.44269504, // LOG2E
  -0.693359375, -0.693359375, -0.693359375, -0.693359375, // LN2_HIGH
  2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, // LN2_LOW
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, // EXP_6
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, // EXP_5
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, // EXP_4
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, // EXP_3
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, // EXP_2
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, // EXP_1
  1.0, 1.0, 1.0, 1.0, // ONE
  2.0, 2.0, 2.0, 2.0, // TWO
  0.5, 0.5, 0.5, 0.5, // HALF
  0.625, 0.625, 0.625, 0.625, // TANH_SMALL
  -5.70498872745e-3, -5.70498872745e-3, -5.70498872745e-3, -5.70498872745e-3, // TANH_5
  2.06390887954e-2, 2.06390887954e-2, 2.06390887954e-2, 2.06390887954e-2, // TANH_4
  -5.37397155531e-2, -5.37397155531e-2, -5.37397155531e-2, -5.37397155531e-2, // TANH_3
  1.33314422036e-1, 1.33314422036e-1, 1.33314422036e-1, 1.33314422036e-1, // TANH_2
  -3.33332819422e-1, -3.33332819422e-1, -3.33332819422e-1, -3.33332819422e-1, // TANH_1
  7.853861353153693e-5, 7.853861353153693e-5, 7.853861353153693e-5, 7.853861353153693e-5, // ERF_6
  -8.010193625184903e-4, -8.010193625184903e-4, -8.010193625184903e-4, -8.010193625184903e-4, // ERF_5
  5.188327685732524e-3, 5.188327685732524e-3, 5.188327685732524e-3, 5.188327685732524e-3, // ERF_4
  -2.685381193529856e-2, -2.685381193529856e-2, -2.685381193529856e-2, -2.685381193529856e-2, // ERF_3
  1.128358514861418e-1, 1.128358514861418e-1, 1.128358514861418e-1, 1.128358514861418e-1, // ERF_2
  -3.761262582423300e-1, -3.761262582423300e-1, -3.761262582423300e-1, -3.761262582423300e-1, // ERF_1
  1.128379165726710, 1.128379165726710, 1.128379165726710, 1.128379165726710, // ERF_0
  -0.0713548162726, -0.0713548162726, -0.0713548162726, -0.0713548162726, // GELU_CUBIC
  -1.59576912161, -1.59576912161, -1.59576912161, -1.59576912161, // GELU_LINEAR
  0.70710678, 0.70710678, 0.70710678, 0.70710678, // SQRT_HALF
  -0.5, -0.5, -0.5, -0.5, // MINUS_HALF
  3.75, 3.75, 3.75, 3.75, // ERFC_CENTRE
  0.001106856158003211, 0.001106856158003211, 0.001106856158003211, 0.001106856158003211, // ERFC_10
  0.002337588695809245, 0.002337588695809245, 0.002337588695809245, 0.002337588695809245, // ERFC_9
  -0.009903911501169205, -0.009903911501169205, -0.009903911501169205, -0.009903911501169205, // ERFC_8
  0.028041383251547813, 0.028041383251547813, 0.028041383251547813, 0.028041383251547813, // ERFC_7
  -0.058737918734550476, -0.058737918734550476, -0.058737918734550476, -0.058737918734550476, // ERFC_6
  0.09235893189907074, 0.09235893189907074, 0.09235893189907074, 0.09235893189907074, // ERFC_5
  -0.10879187285900116, -0.10879187285900116, -0.10879187285900116, -0.10879187285900116, // ERFC_4
  0.08227314054965973, 0.08227314054965973, 0.08227314054965973, 0.08227314054965973, // ERFC_3
  0.0035847257822752, 0.0035847257822752, 0.0035847257822752, 0.0035847257822752, // ERFC_2
  -0.14024052023887634, -0.14024052023887634, -0.14024052023887634, -0.14024052023887634, // ERFC_1
  1.2375125885009766, 1.2375125885009766, 1.2375125885009766, 1.2375125885009766, // ERFC_0
  7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2, // LOG_9
  -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1, // LOG_8
  1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1, // LOG_7
  -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1, // LOG_6
  1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1, // LOG_5
  -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1, // LOG_4
  2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1, // LOG_3
  -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1, // LOG_2
  3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1, // LOG_1
  0.693359375, 0.693359375, 0.693359375, 0.693359375, // LN2_MAIN
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, // LN2_REST
  1.17549435e-38, 1.17549435e-38, 1.17549435e-38, 1.17549435e-38, // SMALLEST_NORMAL
  8388608.0, 8388608.0, 8388608.0, 8388608.0, // TWO_23
  5.192296858534828e33, 5.192296858534828e33, 5.192296858534828e33, 5.192296858534828e33, // TWO_112
  14.0, 14.0, 14.0, 14.0, // GELU_END
  100.0, 100.0, 100.0, 100.0, // ERFC_END
  -3.4028234663852886e38, -3.4028234663852886e38, -3.4028234663852886e38, -3.4028234663852886e38, // LOWEST
], 16)

/** 1.5 * 2^23: adding it rounds to a whole number that stands in the low bits. */
// @ts-ignore: decorator
@inline export const MAGIC: usize = 0
/** E^x is infinite from here on. */
// @ts-ignore: decorator
@inline export const EXP_MOST: usize = 16
/** E^x is 0 from here down. */
// @ts-ignore: decorator
@inline export const EXP_LEAST: usize = 32
/** 1 / ln 2. */
// @ts-ignore: decorator
@inline export const LOG2E: usize = 48
/** -ln 2 in two parts, the first one exact in few bits. */
// @ts-ignore: decorator
@inline export const LN2_HIGH: usize = 64
// @ts-ignore: decorator
@inline export const LN2_LOW: usize = 80
/** E^r on |r| <= ln 2 / 2 (Cephes, expf). */
// @ts-ignore: decorator
@inline export const EXP_6: usize = 96
// @ts-ignore: decorator
@inline export const EXP_5: usize = 112
// @ts-ignore: decorator
@inline export const EXP_4: usize = 128
// @ts-ignore: decorator
@inline export const EXP_3: usize = 144
// @ts-ignore: decorator
@inline export const EXP_2: usize = 160
// @ts-ignore: decorator
@inline export const EXP_1: usize = 176
// @ts-ignore: decorator
@inline export const ONE: usize = 192
// @ts-ignore: decorator
@inline export const TWO: usize = 208
// @ts-ignore: decorator
@inline export const HALF: usize = 224
/** Below it tanh is a polynomial (Cephes, tanhf). */
// @ts-ignore: decorator
@inline export const TANH_SMALL: usize = 240
// @ts-ignore: decorator
@inline export const TANH_5: usize = 256
// @ts-ignore: decorator
@inline export const TANH_4: usize = 272
// @ts-ignore: decorator
@inline export const TANH_3: usize = 288
// @ts-ignore: decorator
@inline export const TANH_2: usize = 304
// @ts-ignore: decorator
@inline export const TANH_1: usize = 320
/** Erf below 1 (Cephes, erff). */
// @ts-ignore: decorator
@inline export const ERF_6: usize = 336
// @ts-ignore: decorator
@inline export const ERF_5: usize = 352
// @ts-ignore: decorator
@inline export const ERF_4: usize = 368
// @ts-ignore: decorator
@inline export const ERF_3: usize = 384
// @ts-ignore: decorator
@inline export const ERF_2: usize = 400
// @ts-ignore: decorator
@inline export const ERF_1: usize = 416
// @ts-ignore: decorator
@inline export const ERF_0: usize = 432
/** 2 sqrt(2/pi) times -0.044715 and times -1. */
// @ts-ignore: decorator
@inline export const GELU_CUBIC: usize = 448
// @ts-ignore: decorator
@inline export const GELU_LINEAR: usize = 464
// @ts-ignore: decorator
@inline export const SQRT_HALF: usize = 480
// @ts-ignore: decorator
@inline export const MINUS_HALF: usize = 496
/** Erfc(z) = e^(-z^2) q(t) / (1 + 2 z), t = (z - 3.75) / (z + 3.75), q fitted by least squares. */
// @ts-ignore: decorator
@inline export const ERFC_CENTRE: usize = 512
// @ts-ignore: decorator
@inline export const ERFC_10: usize = 528
// @ts-ignore: decorator
@inline export const ERFC_9: usize = 544
// @ts-ignore: decorator
@inline export const ERFC_8: usize = 560
// @ts-ignore: decorator
@inline export const ERFC_7: usize = 576
// @ts-ignore: decorator
@inline export const ERFC_6: usize = 592
// @ts-ignore: decorator
@inline export const ERFC_5: usize = 608
// @ts-ignore: decorator
@inline export const ERFC_4: usize = 624
// @ts-ignore: decorator
@inline export const ERFC_3: usize = 640
// @ts-ignore: decorator
@inline export const ERFC_2: usize = 656
// @ts-ignore: decorator
@inline export const ERFC_1: usize = 672
// @ts-ignore: decorator
@inline export const ERFC_0: usize = 688
/** Ln(1 + z) (Cephes, logf). */
// @ts-ignore: decorator
@inline export const LOG_9: usize = 704
// @ts-ignore: decorator
@inline export const LOG_8: usize = 720
// @ts-ignore: decorator
@inline export const LOG_7: usize = 736
// @ts-ignore: decorator
@inline export const LOG_6: usize = 752
// @ts-ignore: decorator
@inline export const LOG_5: usize = 768
// @ts-ignore: decorator
@inline export const LOG_4: usize = 784
// @ts-ignore: decorator
@inline export const LOG_3: usize = 800
// @ts-ignore: decorator
@inline export const LOG_2: usize = 816
// @ts-ignore: decorator
@inline export const LOG_1: usize = 832
// @ts-ignore: decorator
@inline export const LN2_MAIN: usize = 848
// @ts-ignore: decorator
@inline export const LN2_REST: usize = 864
// @ts-ignore: decorator
@inline export const SMALLEST_NORMAL: usize = 880
// @ts-ignore: decorator
@inline export const TWO_23: usize = 896
/** 2^112, from the exponent of binary16 to that of float32. */
// @ts-ignore: decorator
@inline export const TWO_112: usize = 912
/** From here on gelu(x) is x. */
// @ts-ignore: decorator
@inline export const GELU_END: usize = 928
/** Far behind the place where e^(-z^2) has become 0. */
// @ts-ignore: decorator
@inline export const ERFC_END: usize = 944
/** The lowest float32: the score of a hidden token. */
// @ts-ignore: decorator
@inline export const LOWEST: usize = 960

/** A constant in all four lanes. */
// @ts-ignore: decorator
@inline
export function k(place: usize): v128 {
  return v128.load(table + place)
}
