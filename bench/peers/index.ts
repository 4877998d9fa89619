// The engines by name: the one place that knows them all.
import type { Peer } from './engine.ts'
import { nodeLlamaCpp } from './nodeLlamaCpp.ts'
import { onnxruntime } from './onnxruntime.ts'
import { reference } from './reference.ts'
import { tfjs } from './tfjs.ts'
import { tfjsPlain } from './tfjsPlain.ts'
import { torch } from './torch.ts'
import { transformersJs } from './transformersJs.ts'
import { vitrine } from './vitrine.ts'
import { vitrineTfjs } from './vitrineTfjs.ts'

/** Our own engine first, then the others. */
export const peers: readonly Peer[] = [
  vitrine,
  vitrineTfjs,
  tfjsPlain,
  tfjs,
  transformersJs,
  onnxruntime,
  nodeLlamaCpp,
  torch,
]

/** Throws Error for a name that is none. */
export function peerNamed(name: string): Peer {
  const found = [...peers, reference].find(peer => peer.name === name)
  if (found) return found
  throw new Error(`there is no engine '${name}'; known: ${peers.map(peer => peer.name).join(', ')}`)
}
