// Times every kernel, definition and twin, after the two have given the same numbers. One thread: kernels know nothing of threads.
import Benchmark from 'benchmark'
import { compare, type Difference } from '../harness/compare.ts'
import type { Group, Row } from '../harness/report.ts'
import type { Roofline } from '../harness/roofline.ts'
import { spreadOf } from '../harness/statistics.ts'
import type { Run } from '../models/run.ts'
import { type KernelCase, kernelSizes } from './case.ts'
import { kernelBenches } from './index.ts'
import { bindTwin, dotGroup, panelWidth } from './twins.ts'

/** All kernel files, or those named. Throws Error for a name that is none. */
export function measureKernels(
  run: Run,
  limits: Roofline,
  only: readonly string[] = Object.keys(kernelBenches),
): Group {
  const sizes = kernelSizes(run.size.name, panelWidth, dotGroup)
  const rows = only.flatMap(op => {
    const cases = kernelBenches[op]
    if (!cases) throw new Error(`there is no kernel '${op}'; known: ${Object.keys(kernelBenches).join(', ')}`)
    run.progress(`kernel ${op}`)
    return cases(sizes).flatMap(each => rowsOf(op, each, run, limits))
  })
  return { name: 'Kernels', explanation, rows }
}

const explanation =
  'One thread. "definition" is the plain TypeScript of kernels/, "twin" its AssemblyScript of kernels/simd. Products are counted in ' +
  'multiplications and additions, all else in bytes read and written once; arrays of a few megabytes come from the cache. The error ' +
  'of a twin is its largest distance from the definition.'

function rowsOf(op: string, each: KernelCase, run: Run, limits: Roofline): Row[] {
  const { name, sizes, define } = each
  define()
  const wanted = copyOf(each)
  const rows = [timed('definition', op, each, define, run, limits)]
  const twin = bindTwin(each)
  if (!twin) return rows
  twin.run()
  const error = compare(Float32Array.from(twin.output()), wanted, undefined, 1)
  if (!(error.largest <= each.tolerance)) {
    run.miss(`twin of ${name} ${sizes}`, `wrong numbers: ${error.largest.toExponential(1)} from the definition`)
    return rows
  }
  return [...rows, timed('twin', op, each, twin.run, run, limits, error)]
}

/** What the definition has written. */
function copyOf({ args: [out] }: KernelCase): Float32Array {
  return ArrayBuffer.isView(out) ? Float32Array.from(out) : new Float32Array()
}

function timed(
  engine: 'definition' | 'twin',
  op: string,
  { name, sizes, flops, bytes }: KernelCase,
  body: () => void,
  run: Run,
  limits: Roofline,
  error?: Difference,
): Row {
  const isTiny = run.size.name === 'tiny'
  const benchmark = new Benchmark(name, body, isTiny ? { maxTime: 0.002, minTime: 0.0005, minSamples: 1 } : base)
  benchmark.run({ async: false })
  if (benchmark.error) throw benchmark.error
  const seconds = benchmark.stats.sample
  const amount = flops > 0 ? flops : bytes
  const spread = spreadOf(seconds.map(time => amount / time / 1e9))
  const share = limits.share({ flops, bytes }, (amount / spread.median) * 1e-6)
  return {
    ...{ test: op === name ? name : `${op}: ${name}`, subject: sizes, engine, dtype: 'float32', threads: 1 },
    ...{ unit: flops > 0 ? 'GFLOP/s' : 'GB/s', spread, share, ...(error && { error }) },
  }
}

/** Each measured for a third of a second, some products of the definitions longer. */
const base = { maxTime: 0.3, minTime: 0.02, minSamples: 3 }
