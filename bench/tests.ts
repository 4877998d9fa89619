// The tests by name, and the order in which they run: engines are loaded once for all tests of a model.
import type { EngineProcess } from './harness/engineProcess.ts'
import type { Group } from './harness/report.ts'
import type { Roofline } from './harness/roofline.ts'
import { measureKernels } from './kernels/measure.ts'
import { decode } from './models/decode.ts'
import { openEngines } from './models/engines.ts'
import { forward } from './models/forward.ts'
import { load } from './models/load.ts'
import { prefill } from './models/prefill.ts'
import type { Run } from './models/run.ts'
import { scaling } from './models/scaling.ts'
import { peers } from './peers/index.ts'
import { measureSampling } from './sampling.ts'
import type { ModelName } from './subjects/sizes.ts'
import { measureTokenizers } from './tokenizers.ts'

export const testNames = [
  ...(['all', 'kernels', 'models', 'prefill', 'decode', 'forward', 'load', 'memory'] as const),
  ...(['scaling', 'sampling', 'tokenizers', 'peers'] as const),
] as const
export type TestName = (typeof testNames)[number]

const models: readonly TestName[] = ['prefill', 'decode', 'forward', 'load', 'memory']

/** 'all' and 'models' stand for several. */
export function expandTests(asked: readonly TestName[]): ReadonlySet<TestName> {
  const parts = { all: ['kernels', ...models, 'scaling', 'sampling', 'tokenizers'] as const, models }
  return new Set(asked.flatMap(name => (name === 'all' || name === 'models' ? parts[name] : [name])))
}

/** Runs the tests and returns their groups. `single` has the limits of one thread, which kernels are measured against. */
export async function runTests(
  tests: ReadonlySet<TestName>,
  run: Run,
  single: Roofline,
  kernels: readonly string[] | undefined,
): Promise<Group[]> {
  const groups: Group[] = []
  if (tests.has('peers')) tellPeers(run)
  if (tests.has('kernels')) groups.push(measureKernels(run, single, kernels))
  const onModel = async (
    model: ModelName,
    parts: readonly [TestName, (e: EngineProcess[], run: Run) => Promise<Group>][],
  ) => {
    const wanted = parts.filter(([name]) => tests.has(name))
    if (wanted.length === 0) return
    const engines = await openEngines(model, run)
    try {
      for (const [, test] of wanted) groups.push(await test(engines, run))
    } finally {
      for (const engine of engines) await engine[Symbol.asyncDispose]()
    }
  }
  await onModel('gpt2', [
    ['prefill', prefill],
    ['decode', decode],
  ])
  await onModel('bert', [['forward', forward]])
  if (tests.has('load') || tests.has('memory')) {
    const [time, memory] = await load(run)
    if (tests.has('load')) groups.push(time)
    if (tests.has('memory')) groups.push(memory)
  }
  if (tests.has('scaling')) groups.push(await scaling(run))
  if (tests.has('sampling')) groups.push(measureSampling(run))
  if (tests.has('tokenizers')) groups.push(await measureTokenizers(run))
  return groups
}

/** Which engines could take part here, and with what. */
function tellPeers(run: Run): void {
  for (const { name, missing, models, dtypes } of peers) {
    const reason = missing()
    if (reason === undefined) run.engines[name] = `is here: ${models.join(', ')} with ${dtypes.join(', ')}`
    else run.miss(name, reason)
  }
}
