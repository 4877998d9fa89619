// The kernels by the name of their file: one line each. A roll-call test fails when one is missing.
import { cases as activation } from './activation.bench.ts'
import { cases as attention } from './attention.bench.ts'
import { cases as binary } from './binary.bench.ts'
import type { KernelCases } from './case.ts'
import { cases as convert } from './convert.bench.ts'
import { cases as embedding } from './embedding.bench.ts'
import { cases as int8 } from './int8.bench.ts'
import { cases as layerNorm } from './layerNorm.bench.ts'
import { cases as linear } from './linear.bench.ts'
import { cases as linearHalf } from './linearHalf.bench.ts'
import { cases as linearWidened } from './linearWidened.bench.ts'
import { cases as math } from './math.bench.ts'
import { cases as matmul } from './matmul.bench.ts'
import { cases as move } from './move.bench.ts'
import { cases as order } from './order.bench.ts'
import { cases as panels } from './panels.bench.ts'
import { cases as probe } from './probe.bench.ts'
import { cases as q4 } from './q4.bench.ts'
import { cases as reduce } from './reduce.bench.ts'
import { cases as select } from './select.bench.ts'
import { cases as softmax } from './softmax.bench.ts'

export const kernelBenches: Readonly<Record<string, KernelCases>> = {
  ...{ activation, attention, binary, convert, embedding, int8, layerNorm, linear, linearHalf, linearWidened },
  ...{ math, matmul, move, order, panels, probe, q4, reduce, select, softmax },
}
