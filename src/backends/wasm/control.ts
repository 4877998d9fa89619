// The few shared numbers by which the threads of a pool agree on what to do. A job is a kernel, its arguments and a number of
import type { WasmMemory, WasmModule } from './wasmTypes.ts'
// parts; a thread takes a part by counting OPEN down, and what it took is stable until it has reported it done.

/** Places in the shared Int32Array. */
export const slots = {
  /** Generation of the job in the upper 16 bits, parts nobody has taken in the lower ones: changed by compare-and-exchange. */
  OPEN: 0,
  /** Parts that are done. */
  DONE: 16,
  /** Counts the times that sleeping workers were woken: what they wait on. */
  WAKE: 32,
  /** Workers asleep. */
  ASLEEP: 33,
  /** 1 while the main thread sleeps until DONE changes. */
  WAITING: 34,
  /** 1 when the workers shall end. */
  STOP: 35,
  /** Workers that have started. */
  READY: 36,
  /** Workers that met an error in a kernel. */
  FAULTS: 37,
  /** Parts that workers have done, all jobs together. */
  SHARED: 38,
  /** The job: number of the kernel, units, units in a part, parts, number of arguments, bytes between the threads' scratch. */
  KERNEL: 48,
  UNITS: 49,
  PART: 50,
  PARTS: 51,
  COUNT: 52,
  SCRATCH: 53,
} as const

export type Slots = typeof slots

/** The arguments of the job follow the slots, as float64: enough for addresses, counts and float32 numbers. */
export const argumentsAt = 256
export const mostArguments = 24

/** What a worker is given. */
export interface WorkerData {
  readonly module: WasmModule
  readonly memory: WasmMemory
  readonly width: number
  readonly control: SharedArrayBuffer
  readonly slots: Slots
  readonly argumentsAt: number
  readonly names: readonly string[]
  /** Number of the thread: 1 and up; the main thread is 0. */
  readonly thread: number
  /** Milliseconds that a worker looks out for the next job before it goes to sleep. */
  readonly patience: number
}

export function newControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(argumentsAt + mostArguments * 8)
}
