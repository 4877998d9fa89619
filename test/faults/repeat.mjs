// Does one kind of work again and again and prints what memory it held after each tenth of the runs, as JSON. Run by
// flat.test.ts with --expose-gc: node --expose-gc repeat.mjs generations 1000
import { fileURLToPath } from 'node:url'
import { BertModel, GPT2LMHeadModel, openBackend } from '../../dist/src/index.js'

const [work, count] = [process.argv[2], Number(process.argv[3])]
const weights = name => fileURLToPath(new URL(`../golden/weights/${name}`, import.meta.url))
const backend = await openBackend('wasm')

const kinds = {
  async generations() {
    const model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
    return async run => {
      const search = run % 10 === 0 ? { num_beams: 2 } : run % 2 === 0 ? { do_sample: true, seed: run } : {}
      const ids = await model.generate([[75, 8, 37]], { max_new_tokens: 32, eos_token_id: null, ...search })
      ids.dispose()
    }
  },
  async forwards() {
    const model = await BertModel.from_pretrained(weights('bert-model'), { backend })
    return async run => {
      const output = model.forward({ input_ids: [[2, 7, 8 + (run % 50), 3]] })
      output.last_hidden_state.dispose()
      output.pooler_output?.dispose()
    }
  },
  async loads() {
    return async () => {
      const model = await BertModel.from_pretrained(weights('bert-model'), { backend })
      model.dispose()
    }
  },
}

/** The other threads start when there is much to do, and each takes some MiB: here that is before the first sample. */
async function startThreads() {
  for (let i = 0; i < 20; i++) {
    backend.scope(() => void backend.ones([512, 512]).matmul(backend.ones([512, 512])))
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

await startThreads()
const once = await kinds[work]()
const samples = []
for (let run = 1; run <= count; run++) {
  await once(run)
  if (run % (count / 10) !== 0) continue
  // Finalizers run in a later turn.
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  samples.push({ run, heap: heapUsed + external, rss, tensors: backend.live, bytes: backend.bytes })
}
process.stdout.write(JSON.stringify(samples))
