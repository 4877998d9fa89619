// What users hand to forward(): many forms are taken, and what does not fit is refused before a kernel sees it.
import { expect, test } from 'vitest'
import { BertModel, GPT2LMHeadModel, openBackend, type Tensor } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { goldenPath } from '../golden.ts'

const numbers = (tensor: Tensor) => Array.from(tensor.data)

onEachBackend('inputs', backend => {
  const loadBert = () => BertModel.from_pretrained(goldenPath('weights/bert-model'), { backend })
  const loadGpt2 = () => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })

  test('ids may be nested arrays, one row, typed arrays, BigInts or tensors of any back end', async () => {
    const model = await loadGpt2()
    const wanted = numbers(model.forward({ input_ids: [[5, 6, 7]] }).logits)
    const other = await openBackend('reference')
    const forms = [
      [5, 6, 7],
      [[5n, 6n, 7n]],
      Int32Array.from([5, 6, 7]),
      BigInt64Array.from([5n, 6n, 7n]),
      backend.tensor([[5, 6, 7]]),
      other.tensor([[5, 6, 7]], { dtype: 'int32' }),
    ]
    for (const input_ids of forms) expect(numbers(model.forward({ input_ids }).logits)).toEqual(wanted)
  })

  test.each([
    ['ID_RANGE', { input_ids: [[5, 228]] }],
    ['ID_RANGE', { input_ids: [[5, -1]] }],
    ['ID_RANGE', { input_ids: [[5]], token_type_ids: [[2]] }],
    ['ID_RANGE', { input_ids: [[5]], position_ids: [[128]] }],
    ['ID_TYPE', { input_ids: [[1.5]] }],
    ['ID_TYPE', { input_ids: [[Number.NaN]] }],
    ['ID_TYPE', { input_ids: [['3']] }],
    ['ID_TYPE', { input_ids: 'text' }],
    ['EMPTY_INPUT', { input_ids: [[]] }],
    ['EMPTY_INPUT', { input_ids: [] }],
    ['RAGGED', { input_ids: [[1, 2], [3]] }],
    ['SHAPE', { input_ids: [[[1]]] }],
    ['SHAPE', { input_ids: [[1, 2]], token_type_ids: [[0, 0, 0]] }],
    ['MASK_SHAPE', { input_ids: [[1, 2]], attention_mask: [[1]] }],
    [
      'MASK_SHAPE',
      {
        input_ids: [[1, 2]],
        attention_mask: [
          [1, 1],
          [1, 1],
        ],
      },
    ],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[1, 2]] }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[1, -1]] }],
    ['INPUT_CHOICE', {}],
    ['INPUT_CHOICE', { input_ids: [[1]], inputs_embeds: [[[1]]] }],
    ['TOO_LONG', { input_ids: [new Array<number>(129).fill(1)] }],
    ['UNKNOWN_INPUT', { input_ids: [[1]], atention_mask: [[1]] }],
  ])('%s: %j', async (code, inputs) => {
    const model = await loadBert()
    const { live } = backend
    expect(() => model.forward(inputs as { input_ids: number[][] })).toThrow(
      expect.objectContaining({ name: 'InputError', code }),
    )
    expect(backend.live).toBe(live)
  })

  test('the errors say what to do', async () => {
    const model = await loadBert()
    expect(() => model.forward({ input_ids: [[1, 2], [3]] })).toThrow('{ padding: true }')
    expect(() => model.forward({ input_ids: [new Array<number>(129).fill(1)] })).toThrow(
      '129 tokens do not fit into the 128 places',
    )
    const inputs = { input_ids: [[1]], atention_mask: [[1]] } as { input_ids: number[][] }
    expect(() => model.forward(inputs)).toThrow("did you mean 'attention_mask'?")
  })

  test('a mask that hides everything gives finite numbers, as in Hugging Face', async () => {
    const model = await loadBert()
    const { last_hidden_state } = model.forward({ input_ids: [[1, 2, 3]], attention_mask: [[0, 0, 0]] })
    expect(numbers(last_hidden_state).every(Number.isFinite)).toBe(true)
  })

  test('what is handed in may change afterwards without effect', async () => {
    const model = await loadGpt2()
    const row = Int32Array.from([5, 6, 7])
    const { logits } = model.forward({ input_ids: row })
    const before = numbers(logits)
    row.fill(0)
    expect(numbers(logits)).toEqual(before)
  })

  test('token_type_ids change what GPT-2 gives', async () => {
    const model = await loadGpt2()
    const plain = numbers(model.forward({ input_ids: [[5, 6, 7]] }).logits)
    expect(numbers(model.forward({ input_ids: [[5, 6, 7]], token_type_ids: [[0, 0, 0]] }).logits)).not.toEqual(plain)
  })

  test('a row gives the same alone and in a batch', async () => {
    const model = await loadGpt2()
    const rows = [
      [5, 6, 7, 8],
      [9, 10, 11, 12],
      [99, 1, 99, 1],
    ]
    const batch = model.forward({ input_ids: rows }).logits
    for (const [i, row] of rows.entries()) {
      expect(numbers(batch.select(0, i))).toEqual(numbers(model.forward({ input_ids: row }).logits))
    }
  })

  test('tokens do not see what comes after them', async () => {
    const model = await loadGpt2()
    const [short, long] = [
      [5, 6, 7],
      [5, 6, 7, 100, 200],
    ].map(input_ids => model.forward({ input_ids }).logits)
    const same = numbers(long!.slice(1, 0, 3))
    for (const [i, value] of numbers(short!).entries()) expect(Math.abs(value - same[i]!)).toBeLessThan(1e-5)
  })

  test('forward leaves nothing behind but its outputs', async () => {
    const model = await loadGpt2()
    const { live } = backend
    const output = model.forward({ input_ids: [[5, 6]], output_hidden_states: true, output_attentions: true })
    expect(backend.live).toBe(live + 1 + 3 + 2)
    output.logits.dispose()
    for (const tensor of [...output.hidden_states!, ...output.attentions!]) tensor.dispose()
    expect(backend.live).toBe(live)
    model.dispose()
    expect(() => model.forward({ input_ids: [[5]] })).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
  })
})
