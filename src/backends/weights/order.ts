// Weights for another use than that which they were read for: back into the order of a tensor, and out of it.
import type { KernelStorage } from '../kernelMemory.ts'
import type { PanelStorage, WeightMemory } from './kind.ts'
import { weightKinds } from './kinds.ts'
import { isRowMajor, type Panels, panelCount, stepsOf } from './panels.ts'

/** Whether a storage is a weight in an order of its own. */
export function isInPanels<Ref>(storage: KernelStorage<Ref>): storage is PanelStorage<Ref> {
  return storage.panels !== undefined
}

/** The numbers of a weight as a row-major tensor: a new storage, unless they lie so. */
export function rowMajor<Ref>(memory: WeightMemory<Ref>, weight: PanelStorage<Ref>): KernelStorage<Ref> {
  const { panels } = weight
  if (isRowMajor(panels)) return weight
  const { k, n, width } = panels
  const out = memory.make('float32', k * n)
  const { widen } = weightKinds[panels.dtype]
  const wide = widen && memory.make('float32', panelCount(panels) * width * k)
  if (wide) widen(memory, weight, wide.ref)
  memory.run('unpack', [out.ref, wide?.ref ?? weight.ref, k, n, ...stepsOf(panels), width], k, k * n)
  if (wide) memory.free(wide)
  return out
}

/** A weight that came as an ordinary tensor, or was kept for the other kind of product, put into panels for this one. */
export function packedFor<Ref>(
  memory: WeightMemory<Ref>,
  weight: KernelStorage<Ref>,
  { form, k, n }: Pick<Panels, 'form' | 'k' | 'n'>,
): PanelStorage<Ref> {
  const panels: Panels = { dtype: 'float32', form, k, n, width: memory.panelWidth(form, n) }
  const plain = isInPanels(weight) ? rowMajor(memory, weight) : weight
  const out = memory.makeParts(weightKinds.float32.parts(panels), panels) as PanelStorage<Ref>
  const count = panelCount(panels)
  memory.run('pack', [out.ref, plain.ref, k, n, ...stepsOf(panels), panels.width, k * panels.width], count, k * n)
  if (plain !== weight) memory.free(plain)
  return out
}
