// Several modules in a row, as one module.
import { VitrineError } from '../errors.ts'
import { Module } from './module.ts'

/**
 * `h[3]` is the fourth of them, and its path ends in `h.3` (torch.nn.ModuleList). The list itself is no step of a
 * computation.
 */
export class ModuleList<M extends Module = Module> extends Module {
  [place: number]: M

  constructor(modules: Iterable<M> = []) {
    super()
    for (const module of modules) this.append(module)
  }

  override get length(): number {
    let length = 0
    while (this[length]) length++
    return length
  }

  *[Symbol.iterator](): Generator<M, void> {
    for (let place = 0; this[place]; place++) yield this[place]!
  }

  /** Puts a module behind the others. */
  append(module: M): this {
    this[this.length] = module
    return this
  }

  /** As Array.at: -1 is the last one. */
  at(place: number): M | undefined {
    return [...this].at(place)
  }

  /** Pairs of place and module. */
  entries(): IterableIterator<[place: number, module: M]> {
    return [...this].entries()
  }

  map<R>(body: (module: M, place: number) => R): R[] {
    return Array.from(this, body)
  }

  /** Throws VitrineError NO_FORWARD: what is done with the modules is for the one that holds the list to say. */
  override forward(): never {
    throw new VitrineError('NO_FORWARD', 'a ModuleList has no forward: call its modules one by one')
  }

  override foldsAlike(): boolean {
    return true
  }
}
