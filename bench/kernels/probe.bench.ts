// What is measured against: multiplications and additions alone, and reading alone.
import { lanes, multiplyAdd, readThrough } from '../../kernels/probe.ts'
import { type KernelCases, kernelCase, normal, room, whole } from './case.ts'

export const cases: KernelCases = ({ C, M }) => {
  const [units, rounds, count] = [Math.ceil(M / 48), C, 4 * C]
  return [
    kernelCase(
      'multiplyAdd',
      `(${units}, ${lanes}), ${rounds} times`,
      multiplyAdd,
      [room(units * lanes), normal(rounds), rounds],
      {
        units,
        flops: 2 * units * lanes * rounds,
        tolerance: 1e-5,
      },
    ),
    kernelCase(
      'readThrough',
      `(${M}, ${count})`,
      readThrough,
      [new Int32Array(4 * M), whole(M * count, 2 ** 30), count],
      {
        units: M,
      },
    ),
  ]
}
