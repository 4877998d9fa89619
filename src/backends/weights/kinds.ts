// The kinds of weights by name: the one place that knows them all.
import type { WeightDType } from '../../dtype.ts'
import { float32 } from './float32.ts'
import { bfloat16, float16 } from './half.ts'
import { int8 } from './int8.ts'
import type { WeightKind } from './kind.ts'
import { q4 } from './q4.ts'

export const weightKinds: Readonly<Record<WeightDType, WeightKind>> = { float32, float16, bfloat16, int8, q4 }
