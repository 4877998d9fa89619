// One thread of a pool: takes parts of the job at hand until there are none, looks out for the next job for a while, then
// sleeps. Plain JavaScript, because Node runs it from the sources and from dist/ alike. The shared numbers: control.ts.
// @ts-check
import { workerData } from 'node:worker_threads'

/** @type {import('./control.ts').WorkerData} */
const { module, memory, width, control, slots, argumentsAt, names, thread, patience } = workerData
const shared = new Int32Array(control, 0, argumentsAt / 4)
const values = new Float64Array(control, argumentsAt)
const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: stop } })
const kernels = /** @type {Record<string, (...args: number[]) => void>} */ (exports)

function stop() {
  throw new Error('a wasm kernel stopped')
}

/** Takes one part and computes it; false when there is none. */
function work() {
  const open = Atomics.load(shared, slots.OPEN)
  if ((open & 0xffff) === 0) return false
  if (Atomics.compareExchange(shared, slots.OPEN, open, open - 1) !== open) return true
  const begin = (shared[slots.PARTS] - (open & 0xffff)) * shared[slots.PART]
  const args = Array.from(values.subarray(0, shared[slots.COUNT]))
  args[args.length - 1] += shared[slots.SCRATCH] * thread
  kernels[names[shared[slots.KERNEL]]](...args, begin, Math.min(begin + shared[slots.PART], shared[slots.UNITS]))
  Atomics.add(shared, slots.SHARED, 1)
  Atomics.add(shared, slots.DONE, 1)
  if (Atomics.load(shared, slots.WAITING) === 1) Atomics.notify(shared, slots.DONE)
  return true
}

/** Waits until there is a part to take, or an end. */
function lookOut() {
  const end = performance.now() + patience
  for (let turn = 1; ; turn++) {
    if ((Atomics.load(shared, slots.OPEN) & 0xffff) !== 0) return
    if (turn % 64 === 0 && performance.now() >= end) break
  }
  const wake = Atomics.load(shared, slots.WAKE)
  Atomics.add(shared, slots.ASLEEP, 1)
  if ((Atomics.load(shared, slots.OPEN) & 0xffff) === 0 && Atomics.load(shared, slots.STOP) === 0) {
    Atomics.wait(shared, slots.WAKE, wake)
  }
  Atomics.sub(shared, slots.ASLEEP, 1)
}

kernels.useTiles(width)
Atomics.add(shared, slots.READY, 1)
try {
  while (Atomics.load(shared, slots.STOP) === 0) if (!work()) lookOut()
} catch (error) {
  Atomics.add(shared, slots.FAULTS, 1)
  Atomics.notify(shared, slots.DONE)
  throw error
}
