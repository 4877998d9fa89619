// The calls of a tree of modules: who is running now, how long each has run by itself, and who did the work of another.
import type { CallWatch, Module } from '../nn/module.ts'

export class Calls implements CallWatch {
  /** Milliseconds of each module without those that it called. */
  readonly own = new Map<Module, number>()
  readonly counts = new Map<Module, number>()
  /** Modules whose work others did, by those that did it. */
  readonly absorbed = new Map<Module, Module>()
  readonly #running: Module[] = []
  #since = 0

  /** Whose code runs at the moment; undefined outside of all. */
  get running(): Module | undefined {
    return this.#running.at(-1)
  }

  enter(module: Module, absorbed: readonly Module[]): void {
    this.#charge()
    this.#running.push(module)
    this.counts.set(module, (this.counts.get(module) ?? 0) + 1)
    for (const other of absorbed) this.absorbed.set(other, module)
    this.#since = performance.now()
  }

  leave(): void {
    this.#charge()
    this.#running.pop()
    this.#since = performance.now()
  }

  /** The time since the last change is that of who ran. */
  #charge(): void {
    const module = this.running
    if (module) this.own.set(module, (this.own.get(module) ?? 0) + performance.now() - this.#since)
  }

  /** Runs `body` with the calls of a module and all below it watched. Throws VitrineError WATCHED. */
  static during(root: Module, body: (calls: Calls) => void): Calls {
    const calls = new Calls()
    const handles: { remove(): void }[] = []
    try {
      for (const [, module] of root.named_modules()) handles.push(module.watchCalls(calls))
      body(calls)
    } finally {
      for (const handle of handles) handle.remove()
    }
    return calls
  }
}
