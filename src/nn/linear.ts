// The two spellings of a dense layer: torch's Linear and the Conv1D that GPT-2 came with.
import type { FusedActivation } from '../backend.ts'
import type { LinearOptions, Tensor } from '../tensor/tensor.ts'
import { type Activation, GELUActivation, NewGELUActivation, ReLU, Sigmoid, SiLU, Tanh } from './activation.ts'
import { Dropout } from './dropout.ts'
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

/**
 * What both have in common: a product may go on to what follows it without a second pass over memory. It does so unless one of the
 * parts has hooks, or somebody has put something else in its place; the numbers are the same.
 */
abstract class Dense extends Module {
  abstract override forward(x: Tensor): Tensor
  /** The product as `forward` makes it, with an ending. */
  protected abstract product(x: Tensor, ending: LinearOptions): Tensor
  /** The `forward` that a product stands for. */
  protected abstract get ownForward(): unknown

  /** activation(this(x)) */
  activated(activation: Activation, x: Tensor): Tensor {
    const name = fusedName(activation)
    if (name === undefined || this.computingForward !== this.ownForward) return activation.forward(this.forward(x))
    return this.watched([activation], () => this.product(x, { activation: name }))
  }

  /** dropout(this(x)) + residual */
  added(residual: Tensor, dropout: Dropout, x: Tensor): Tensor {
    const isPlain = this.computingForward === this.ownForward && dropout.computingForward === Dropout.prototype.forward
    if (!isPlain) return dropout.forward(this.forward(x)).add(residual)
    return this.watched([dropout], () => this.product(x, { residual }))
  }
}

/** x W^T + b: (..., in_features) -> (..., out_features); weight (out_features, in_features). */
export class Linear extends Dense {
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

  protected override product(x: Tensor, ending: LinearOptions): Tensor {
    return x.linear(this.weight.value, this.bias?.value, ending)
  }

  protected override get ownForward(): unknown {
    return Linear.prototype.forward
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
export class Conv1D extends Dense {
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

  protected override product(x: Tensor, ending: LinearOptions): Tensor {
    return x.conv1d(this.weight.value, this.bias.value, ending)
  }

  protected override get ownForward(): unknown {
    return Conv1D.prototype.forward
  }

  override extraRepr(): string {
    return `nf=${this.nf}, nx=${this.nx}`
  }
}

/** The functions that a product can end with, by the `forward` that computes them. */
const fused: ReadonlyMap<unknown, FusedActivation> = new Map([
  [ReLU.prototype.forward, 'relu'],
  [GELUActivation.prototype.forward, 'gelu'],
  [NewGELUActivation.prototype.forward, 'geluTanh'],
  [Tanh.prototype.forward, 'tanh'],
  [Sigmoid.prototype.forward, 'sigmoid'],
  [SiLU.prototype.forward, 'silu'],
])

/** What a product must end with to stand for this activation; undefined for others, and while it has hooks. */
function fusedName(activation: Activation): FusedActivation | undefined {
  return fused.get(activation.computingForward)
}
