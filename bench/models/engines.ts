// Starting the engines that take part, each with the files it needs.
import { EngineProcess } from '../harness/engineProcess.ts'
import type { EngineOptions, Peer } from '../peers/engine.ts'
import type { ModelName } from '../subjects/sizes.ts'
import { modelFolder } from '../subjects/weights.ts'
import type { Run } from './run.ts'

/** Every peer and kind of weights that can run `model` here, its files ready; what cannot is noted with the reason. */
export function entrants(model: ModelName, run: Run): { peer: Peer; options: EngineOptions }[] {
  const folder = modelFolder(model, run.size)
  return run.peers.flatMap(peer => {
    const missing = peer.missing()
    if (missing !== undefined) {
      run.miss(peer.name, missing)
      return []
    }
    return run.dtypes.flatMap(dtype => {
      const options = { folder, model, dtype, threads: run.threads, places: run.size.places }
      if (!peer.dtypes.includes(dtype)) {
        run.miss(`${peer.name} ${dtype}`, 'the engine has no such weights, or no way to them from here')
        return []
      }
      try {
        peer.prepare?.(options)
        return [{ peer, options }]
      } catch (error) {
        run.miss(`${peer.name} ${dtype}`, error)
        return []
      }
    })
  })
}

/** The engines with the model loaded, each in its own process; the caller disposes of them. */
export async function openEngines(model: ModelName, run: Run): Promise<EngineProcess[]> {
  const engines: EngineProcess[] = []
  for (const { peer, options } of entrants(model, run)) {
    run.progress(`loading ${model} into ${peer.name} ${options.dtype}`)
    const engine = new EngineProcess(peer, options)
    try {
      await engine.open()
      run.engines[`${peer.name} ${options.dtype}`] = engine.about
      engines.push(engine)
    } catch (error) {
      run.miss(`${peer.name} ${options.dtype}`, error)
      await engine[Symbol.asyncDispose]()
    }
  }
  return engines
}
