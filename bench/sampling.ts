// Choosing a token from the scores of a vocabulary: what it takes, beside the least time that a token's step can take here.
import { TokenChooser } from '../src/generation/chooser.ts'
import { GenerationConfig } from '../src/generation/config.ts'
import type { CausalModel } from '../src/generation/model.ts'
import type { GenerationOptions } from '../src/generation/options.ts'
import { prepare } from '../src/generation/prepare.ts'
import type { Group, Row } from './harness/report.ts'
import { spreadOf } from './harness/statistics.ts'
import { tokenDemand } from './models/demand.ts'
import type { Run } from './models/run.ts'
import { normalNumbers } from './subjects/numbers.ts'

const kinds: Readonly<Record<string, GenerationOptions>> = {
  greedy: {},
  'top-k 50': { do_sample: true, top_k: 50 },
  'top-k 50, top-p 0.95, temperature 0.8, repetition penalty 1.2': {
    ...{ do_sample: true, top_k: 50, top_p: 0.95, temperature: 0.8, repetition_penalty: 1.2 },
  },
  'top-p 0.9': { do_sample: true, top_k: 0, top_p: 0.9 },
  'all tokens': { do_sample: true, top_k: 0 },
}

/** Vocabularies: the one of the model that is measured, and GPT-2's own. */
export function measureSampling(run: Run): Group {
  const rows = [run.size.V, 50_257].flatMap(V =>
    Object.entries(kinds).map(([kind, options]) => rowOf(kind, options, V, run)),
  )
  return { name: 'Choosing a token', explanation, rows }
}

const explanation =
  'From scores of a normal distribution with deviation 3, with a prompt of 64 tokens. The note says which part of a step of the ' +
  'model that is measured this would be if the step came at the limit of memory.'

const rounds = 300

function rowOf(kind: string, options: GenerationOptions, V: number, run: Run): Row {
  const next = normalNumbers(V)
  const scores = Float32Array.from({ length: V }, () => 3 * next())
  const prompt = { rows: 1, length: 64, ids: Int32Array.from({ length: 64 }, (_, i) => (i * 97) % V) }
  const search = prepare(scripted(scores), { prompt }, { max_new_tokens: 100, ...options }, new GenerationConfig())
  const chooser = new TokenChooser(search)
  const times: number[] = []
  for (let i = 0; i < 2 * rounds; i++) {
    const logits = scores.slice()
    const start = performance.now()
    chooser.choose(logits, i, [false], { logits })
    if (i >= rounds) times.push(1000 * (performance.now() - start))
  }
  search.dispose()
  const spread = spreadOf(times)
  const note = noteOf(spread.median / 1000, V, run)
  const about = { engine: 'vitrine', dtype: 'float32', threads: 1, unit: 'us' } as const
  return { test: 'choose', subject: `${kind}, ${V} tokens`, ...about, spread, ...(note && { note }) }
}

function noteOf(milliseconds: number, V: number, run: Run): string | undefined {
  const { size, roofline } = run
  const demand = tokenDemand({ ...size, V }, size.depth + size.decoded / 2, 'float32')
  const share = roofline.share(demand, milliseconds)
  return share && `${(100 / share.value).toFixed(1)} % of a step`
}

/** Enough of a model for the search to be prepared. */
function scripted(scores: Float32Array): CausalModel {
  return {
    vocabularySize: scores.length,
    maxLength: 1024,
    newCache: () => ({ get_seq_length: () => 0, crop() {}, reorder_cache() {}, dispose() {} }),
    step: () => ({ logits: scores.slice() }),
  }
}
