import { compare } from './harness/compare.ts'
import { EngineProcess } from './harness/engineProcess.ts'
import { decodeValues } from './harness/protocol.ts'
import { peers, peerNamed } from './peers/index.ts'
import { sizes, sizeNames } from './subjects/sizes.ts'
import { modelFolder, tokenIds } from './subjects/weights.ts'
const size = sizes[process.argv[2] as 'tiny']
for (const model of ['gpt2','bert'] as const) {
  let want: Float32Array | undefined
  for (const peer of [...(size.name==='tiny'?[peerNamed('reference')]:[]), ...peers]) for (const dtype of peer.dtypes) {
    const missing = peer.missing(); if (missing) { console.log(peer.name, missing); continue }
    const options = { folder: modelFolder(model,size), model, dtype, threads: 2, places: 1024 }
    try {
      peer.prepare?.(options)
      await using p = new EngineProcess(peer, options)
      const t = performance.now()
      const o = await p.open()
      const ids = tokenIds(size.T,size)
      const ask = () => model==='gpt2' ? p.ask({do:'lastLogits',ids,values:true}) : p.ask({do:'hidden',rows:[ids],values:true})
      await ask(); await ask(); const r = await ask()
      let v = decodeValues(r.values!)
      want ??= v
      const d = compare(v, want, r.gives, size.C)
      
      const g = model==='gpt2' ? await p.ask({do:'generate',ids:ids.slice(0,size.depth),count:size.decoded}) : undefined
      const m = await p.ask({do:'memory'})
      console.log(model, peer.name, dtype, o.about, o.milliseconds.toFixed(0), r.milliseconds.toFixed(1), r.gives, v.length, 'err', d.largest.toExponential(1), g?.tokens.slice(0,8).join(), g && (1000*(g.tokens.length-1)/g.milliseconds.slice(1).reduce((a,b)=>a+b)).toFixed(1), (m.peak/1e6).toFixed(0)+'MB')
    } catch (e) { console.log(model, peer.name, dtype, 'FAILED', (e as Error).message.slice(0,1500)) }
  }
}
