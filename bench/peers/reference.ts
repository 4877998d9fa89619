// The definitions themselves, which add up in float64: what the errors of all engines are measured against. It is no competitor.
import type { Peer } from './engine.ts'
import { openOn } from './vitrine.ts'

export const reference: Peer = {
  name: 'reference',
  models: ['gpt2', 'bert'],
  dtypes: ['float32'],
  missing: () => undefined,
  open: options => openOn('reference', options),
}
