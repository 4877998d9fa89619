// Counting what the operations of each module take: the methods of one back end are shadowed for the length of one call.
import type { Backend } from '../backend.ts'
import type { Module } from '../nn/module.ts'
import { Calls } from './calls.ts'
import { type Cost, costOf, countedOps, titleOf } from './cost.ts'

/** One operation that a module called. */
export interface CountedCall extends Cost {
  /** 'linear+gelu' */
  readonly title: string
}

/** What every module's own operations took while `body` ran, in their order, and the calls of the modules. */
export function countCosts(
  root: Module,
  backend: Backend,
  body: () => void,
): { costs: Map<Module, CountedCall[]>; calls: Calls } {
  const costs = new Map<Module, CountedCall[]>()
  const calls = Calls.during(root, watching => {
    const restore = shadowOps(backend, call => {
      const module = watching.running ?? root
      const list = costs.get(module)
      if (list) list.push(call)
      else costs.set(module, [call])
    })
    try {
      body()
    } finally {
      restore()
    }
  })
  return { costs, calls }
}

/** Tells `note` of each operation, but not of those that it is made of; returns what puts everything back. */
function shadowOps(backend: Backend, note: (call: CountedCall) => void): () => void {
  let depth = 0
  for (const op of countedOps) {
    const method: (...args: never[]) => unknown = backend[op]
    const value = (...args: unknown[]): unknown => {
      if (depth === 0) note({ title: titleOf(op, args), ...costOf(op, args) })
      depth++
      try {
        return Reflect.apply(method, backend, args)
      } finally {
        depth--
      }
    }
    Object.defineProperty(backend, op, { value, configurable: true, enumerable: false, writable: true })
  }
  return () => {
    for (const op of countedOps) Reflect.deleteProperty(backend, op)
  }
}
