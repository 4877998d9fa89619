// Texts end when somebody says so (the name is transformers.js's).
import { StoppingCriteria } from './criterion.ts'

/** Ends all rows after `interrupt()`: generate() then returns what there is, where `signal` would reject. */
export class InterruptableStoppingCriteria extends StoppingCriteria {
  interrupted = false

  interrupt(): void {
    this.interrupted = true
  }

  reset(): void {
    this.interrupted = false
  }

  override stop(): boolean {
    return this.interrupted
  }
}
