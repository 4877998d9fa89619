// Our own engine, through its public names only, as a user of the package would run it.
import type { Backend, BackendName, BertModel, GPT2LMHeadModel } from 'vitrine'
import { dtypeOption, type Engine, type EngineOptions, type Peer } from './engine.ts'

export const vitrine: Peer = {
  name: 'vitrine',
  models: ['gpt2', 'bert'],
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'q4'],
  missing: () => undefined,
  environment: ({ threads }) => ({
    VITRINE_THREADS: String(threads),
    // Ours to set in a process of our own; the back end checks the numbers before it uses them.
    VITRINE_V8_FLAGS: process.env.VITRINE_V8_FLAGS ?? '1',
  }),
  open: options => openOn('wasm', options),
}

/** A model on one of our back ends. */
export async function openOn(name: BackendName, { folder, model, dtype }: EngineOptions): Promise<Engine> {
  const library = await import('vitrine')
  const backend = await library.openBackend(name)
  const options = { backend, ...dtypeOption(dtype) }
  const about = aboutBackend(backend)
  if (model === 'gpt2') return gpt2Engine(await library.GPT2LMHeadModel.from_pretrained(folder, options), about)
  return bertEngine(await library.BertModel.from_pretrained(folder, options), about)
}

/** What the back end has chosen: kernels, width of the panels, V8's flags, threads and why. */
function aboutBackend({ name, facts }: Backend): string {
  return `${name}, ${Object.entries(facts)
    .map(([what, fact]) => `${what}: ${fact}`)
    .join(', ')}`
}

function gpt2Engine(model: GPT2LMHeadModel, about: string): Engine {
  return {
    about,
    lastLogits(ids) {
      const { logits, past_key_values } = model.forward({ input_ids: [[...ids]], logits_to_keep: 1, use_cache: true })
      const values = logits.data
      logits.dispose()
      past_key_values?.dispose()
      return Float32Array.from(values)
    },
    async generate(ids, count, each) {
      const options = { max_new_tokens: count, do_sample: false }
      for await (const { tokens } of model.stream([[...ids]], options)) each(tokens[0]!)
    },
    close: () => model.dispose(),
  }
}

function bertEngine(model: BertModel, about: string): Engine {
  return {
    about,
    hidden(rows) {
      const output = model.forward({ input_ids: rows.map(row => [...row]) })
      const values = output.last_hidden_state.data
      output.last_hidden_state.dispose()
      output.pooler_output?.dispose()
      return Float32Array.from(values)
    },
    close: () => model.dispose(),
  }
}
