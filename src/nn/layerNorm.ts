// LayerNorm (Ba, Kiros and Hinton 2016).
import { pythonNumber } from '../pythonText.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'
import type { PrintProfile } from './print.ts'

/** Normalises each row (..., size) to mean 0 and variance 1, then scales and shifts it. */
export class LayerNorm extends Module {
  weight: Parameter
  bias: Parameter
  readonly normalized_shape: readonly [number]
  readonly eps: number

  constructor(size: number, { eps = 1e-5 }: { eps?: number } = {}) {
    super()
    this.normalized_shape = [size]
    this.eps = eps
    this.weight = new Parameter([size], { initial: { kind: 'constant', value: 1 } })
    this.bias = new Parameter([size])
  }

  override forward(x: Tensor): Tensor {
    return x.layerNorm(this.weight.value, this.bias.value, this.eps)
  }

  override extraRepr({ layerNormBias }: PrintProfile): string {
    const bias = layerNormBias ? ', bias=True' : ''
    return `(${this.normalized_shape[0]},), eps=${pythonNumber(this.eps)}, elementwise_affine=True${bias}`
  }
}
