// Stopping in the middle of a pass of the model. The thread that computes hears no message before the pass is over, so the
// other one raises a flag in shared memory, and every layer looks at it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PreTrainedModel } from '../../../models/pretrained.ts'
import { ModuleList } from '../../nn/moduleList.ts'

/** The flag of the job that the code which asks belongs to. */
const flags = new AsyncLocalStorage<Int32Array>()

/** Runs a job whose layers look at `flag`. */
export function cancellable<R>(flag: Int32Array, run: () => R): R {
  return flags.run(flag, run)
}

/** Makes every layer of a model throw an AbortError when the flag of its job is up. */
export function watchLayers(model: PreTrainedModel): void {
  for (const [, module] of model.named_modules()) {
    if (module instanceof ModuleList) for (const layer of module) layer.register_forward_pre_hook(stopWhenAsked)
  }
}

function stopWhenAsked(): void {
  const flag = flags.getStore()
  if (flag && Atomics.load(flag, 0) !== 0) throw new DOMException('The request was cancelled', 'AbortError')
}
