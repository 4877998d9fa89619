// What the faulty workers have in common: they start, wait for a job, and take one part of it.
import { workerData } from 'node:worker_threads'

export function takeOne() {
  const { control, slots, argumentsAt } = workerData
  const shared = new Int32Array(control, 0, argumentsAt / 4)
  Atomics.add(shared, slots.READY, 1)
  for (;;) {
    const open = Atomics.load(shared, slots.OPEN)
    if ((open & 0xffff) !== 0 && Atomics.compareExchange(shared, slots.OPEN, open, open - 1) === open) return
  }
}
