// Dropout, which does nothing here: models run, they are not trained.
import { pythonNumber } from '../pythonText.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'

/** The identity in evaluation (Srivastava et al. 2014); kept because it has a name and a line in the printed tree. */
export class Dropout extends Module {
  readonly p: number

  constructor(p = 0.5) {
    super()
    this.p = p
  }

  override forward(x: Tensor): Tensor {
    return x
  }

  override extraRepr(): string {
    return `p=${pythonNumber(this.p)}, inplace=False`
  }
}
