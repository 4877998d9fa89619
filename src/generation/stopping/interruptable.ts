// Texts end when somebody says so (the name is transformers.js's).
import type { StoppingCriterion } from './criterion.ts'

/** Ends all rows after `interrupt()`: generate() then returns what there is, where `signal` would reject. */
export class InterruptableStoppingCriteria implements StoppingCriterion {
  interrupted = false

  interrupt(): void {
    this.interrupted = true
  }

  reset(): void {
    this.interrupted = false
  }

  stop(): boolean {
    return this.interrupted
  }
}
