// The two spellings of a dense layer: torch's Linear and the Conv1D that GPT-2 came with.
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

export interface DenseOptions {
  /** Whether to add a bias, or another module's to share. */
  bias?: boolean | Parameter
  /** Deviation of fresh weights. */
  std?: number
  /** A parameter of another module to share (tied weights). */
  weight?: Parameter
}

/** x W^T + b: (..., in_features) -> (..., out_features); weight (out_features, in_features). */
export class Linear extends Module {
  weight: Parameter
  bias: Parameter | undefined
  /** Whether the bias is another module's. */
  readonly sharesBias: boolean

  constructor(in_features: number, out_features: number, { bias = true, std = 0.02, weight }: DenseOptions = {}) {
    super()
    const initial = { kind: 'normal', std } as const
    this.weight = weight ?? new Parameter([out_features, in_features], { form: 'linear', initial })
    this.weight.form = 'linear'
    this.sharesBias = bias instanceof Parameter
    this.bias = bias === true ? new Parameter([out_features]) : bias || undefined
  }

  get in_features(): number {
    return this.weight.shape[1]!
  }

  get out_features(): number {
    return this.weight.shape[0]!
  }

  override forward(x: Tensor): Tensor {
    return x.linear(this.weight.value, this.bias?.value)
  }

  override extraRepr(): string {
    const bias = this.bias ? 'True' : 'False'
    return `in_features=${this.in_features}, out_features=${this.out_features}, bias=${bias}`
  }
}

export interface Conv1DOptions {
  /** Deviation of fresh weights. */
  std?: number
  /** Whether they are drawn twice, as GPT-2's that feed the residual stream. */
  drawnTwice?: boolean
}

/** x W + b: (..., nx) -> (..., nf); weight (nx, nf), the transpose of Linear's (transformers/pytorch_utils.py). */
export class Conv1D extends Module {
  weight: Parameter
  bias: Parameter

  constructor(nf: number, nx: number, { std = 0.02, drawnTwice = false }: Conv1DOptions = {}) {
    super()
    this.weight = new Parameter([nx, nf], { form: 'conv1d', initial: { kind: 'normal', std, drawnTwice } })
    this.bias = new Parameter([nf])
  }

  get nf(): number {
    return this.weight.shape[1]!
  }

  get nx(): number {
    return this.weight.shape[0]!
  }

  override forward(x: Tensor): Tensor {
    return x.conv1d(this.weight.value, this.bias.value)
  }

  override extraRepr(): string {
    return `nf=${this.nf}, nx=${this.nx}`
  }
}
