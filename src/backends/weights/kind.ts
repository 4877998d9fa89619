// What each kind of weight must offer: which arrays it consists of, how it is made of float32 numbers and turned back, and how
// activations are multiplied by it.
import type { Backend } from '../../backend.ts'
import type { KernelMemory, KernelStorage, Part } from '../kernelMemory.ts'
import type { Panels } from './panels.ts'

export type WeightMemory<Ref> = KernelMemory<Ref> & Backend

/** A weight in panels. */
export interface PanelStorage<Ref> extends KernelStorage<Ref> {
  panels: Panels
}

/** What a product is made of beside the weight, as in kernels/linear.ts. */
export interface Product<Ref> {
  readonly out: Ref
  /** (rows, k) */
  readonly x: Ref
  readonly bias: Ref
  readonly residual: Ref
  /** Number of the function in `endings`. */
  readonly ending: number
  readonly rows: number
}

/** Runs `product` with room for a widened panel on each thread; `step` is how many bytes one takes. */
export function withPanelRoom<Ref>(
  memory: WeightMemory<Ref>,
  { k, width }: Panels,
  product: (room: Ref, step: number) => void,
): void {
  const room = memory.make('float32', k * width * memory.threads)
  product(room.ref, k * width * 4)
  memory.free(room)
}

export interface WeightKind {
  /** Its arrays, the numbers first. */
  parts(panels: Panels): readonly Part[]
  /** Writes `count` panels from number `first` on, rounded; `from` are these as float32. Absent where that is what they are. */
  narrow?<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>, from: Ref, first: number, count: number): void
  /** Writes all panels as float32 numbers to `to`. Absent as `narrow`. */
  widen?<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>, to: Ref): void
  multiply<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>, product: Product<Ref>): void
  /** out[r, :] = what output ids[r] is made of, for `rows` ids: rows of a table (n, k). */
  lookUp<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>, ids: Ref, rows: number, out: Ref): void
}
