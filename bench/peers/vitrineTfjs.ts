// Our models on the back end of tfjs-node: the same operations as the two programs for it, by our recipes.
import { peerFolder } from '../subjects/cache.ts'
import type { Peer } from './engine.ts'
import { notInstalled } from './installed.ts'
import { tfEnvironment } from './tfjsEngine.ts'
import { openOn } from './vitrine.ts'

export const vitrineTfjs: Peer = {
  name: 'vitrine-tfjs',
  models: ['gpt2', 'bert'],
  dtypes: ['float32'],
  missing: () => notInstalled('tfjs'),
  environment: options => ({ ...tfEnvironment(options), VITRINE_TFJS: peerFolder('tfjs') }),
  open: options => openOn('tfjs', options),
}
