// Identity: a place in the tree where other configs have something.
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'

export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x
  }
}
