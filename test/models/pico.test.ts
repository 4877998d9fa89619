// GPT-2 against an implementation of a few lines that shares no code with it.
import { expect, test } from 'vitest'
import { DynamicCache, GPT2LMHeadModel } from '../../src/index.ts'
import { onEachBackend, tolerances } from '../backends.ts'
import { picoGpt2 } from '../pico.ts'

const config = {
  model_type: 'gpt2',
  vocab_size: 61,
  n_positions: 24,
  n_embd: 24,
  n_layer: 3,
  n_head: 3,
  initializer_range: 0.3,
}

onEachBackend('a second opinion', (backend, name) => {
  const model = GPT2LMHeadModel.from_config(config, { seed: 5, backend })
  const state = model.transformer.state_dict()
  const weights = (path: string): number[][] => {
    const rows = state.get(path)!.tolist() as number[] | number[][]
    return Array.isArray(rows[0]) ? (rows as number[][]) : [rows as number[]]
  }
  const ids = [7, 0, 60, 33, 33, 12, 5, 48, 2, 19, 20, 21]
  const wanted = picoGpt2(ids, weights, { layers: 3, heads: 3 })

  const expectRows = (actual: number[][], rows: number[][]) => {
    const worst = Math.max(...actual.flatMap((row, t) => row.map((value, v) => Math.abs(value - rows[t]![v]!))))
    expect(worst).toBeLessThanOrEqual(tolerances[name])
  }

  test('all logits agree', () => {
    const { logits } = model.forward({ input_ids: [ids] })
    expectRows((logits.tolist() as number[][][])[0]!, wanted)
  })

  test('token by token through the cache gives the same', () => {
    using cache = new DynamicCache()
    const rows = ids.map(id => {
      const { logits } = model.forward({ input_ids: [[id]], past_key_values: cache })
      return (logits.tolist() as number[][][])[0]![0]!
    })
    expectRows(rows, wanted)
  })
})
