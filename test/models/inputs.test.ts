// What users hand to forward(): many forms are taken, and what does not fit is refused before a kernel sees it.
import { expect, test, vi } from 'vitest'
import {
  BertConfig,
  BertForMultipleChoice,
  BertModel,
  GPT2DoubleHeadsModel,
  GPT2ForSequenceClassification,
  GPT2LMHeadModel,
  openBackend,
  type PreTrainedModel,
  type Tensor,
} from '../../src/index.ts'
import { onPlainBackends } from '../backends.ts'
import { goldenPath } from '../golden.ts'

const numbers = (tensor: Tensor) => Array.from(tensor.data)

/** The warnings that `run` gives. */
function warningsOf(run: () => void): string[] {
  const emitted = vi.spyOn(process, 'emitWarning').mockReturnValue()
  try {
    run()
    return emitted.mock.calls.map(([message]) => String(message))
  } finally {
    emitted.mockRestore()
  }
}

// First, because a warning comes once in a process.
test('padding without a mask gives one warning', () => {
  const model = BertModel.from_config(
    {
      ...new BertConfig().to_dict(),
      vocab_size: 9,
      hidden_size: 4,
      num_attention_heads: 2,
      num_hidden_layers: 1,
      intermediate_size: 4,
    },
    { seed: 1 },
  )
  expect(warningsOf(() => model.forward({ input_ids: [[5, 0, 6]] }))).toEqual([])
  expect(warningsOf(() => model.forward({ input_ids: [[5, 0]], attention_mask: [[1, 0]] }))).toEqual([])
  const [message, ...others] = warningsOf(() => {
    model.forward({ input_ids: [[5, 6, 0]] })
    model.forward({ input_ids: [[0, 6, 7]] })
  })
  expect(message).toContain('there is no attention_mask')
  expect(others).toEqual([])
})

onPlainBackends('inputs', backend => {
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
    ['SHAPE', { input_ids: [[1, 2]], token_type_ids: [[0]] }],
    ['SHAPE', { input_ids: [[1, 2]], position_ids: [[0]] }],
    ['SHAPE', { input_ids: [[1], [2]], token_type_ids: [[0]] }],
    ['INPUT_CHOICE', [[1, 2]]],
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
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[1, 0.5]] }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[1, '1']] }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: 1 }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[[[0, 1]]]] }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[[[0, Number.NaN]]]] }],
    ['MASK_VALUE', { input_ids: [[1, 2]], attention_mask: [[[[0, Infinity]]]] }],
    ['MASK_SHAPE', { input_ids: [[1, 2]], attention_mask: [[[[0, 0, 0]]]] }],
    ['MASK_SHAPE', { input_ids: [[1, 2]], attention_mask: [[[1, 1]], [[1, 1]]] }],
    ['RAGGED', { input_ids: [[1, 2]], attention_mask: [[1, 1], [1]] }],
    ['EMPTY_INPUT', { input_ids: [[1, 2]], attention_mask: [[]] }],
    ['SHAPE', { input_ids: [[1, 2]], position_ids: [[0]], token_type_ids: [[0, 0, 0]] }],
    ['SHAPE', { input_ids: [[1, 2]], head_mask: [1, 1, 1] }],
    ['SHAPE', { input_ids: [[1, 2]], head_mask: [[1, 1, 1, 1]] }],
    ['SHAPE', { input_ids: [[1, 2]], head_mask: [[[1]]] }],
    ['NUMBER_TYPE', { input_ids: [[1, 2]], head_mask: [1, 1, 'x', 1] }],
    ['NUMBER_TYPE', { inputs_embeds: [[['x']]] }],
    ['NUMBER_TYPE', { inputs_embeds: [[[Number.NaN]]] }],
    ['NUMBER_TYPE', { inputs_embeds: 5 }],
    ['SHAPE', { inputs_embeds: [[1, 2]] }],
    ['SHAPE', { inputs_embeds: [[[1, 2]]] }],
    ['UNKNOWN_INPUT', { input_ids: [[1]], labels: [1] }],
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

  test("null is Hugging Face's None: as if it were not there", async () => {
    const input_ids = [[5, 6, 7]]
    const none = { attention_mask: null, head_mask: null, position_ids: null, past_key_values: null, return_dict: null }
    for (const model of [await loadBert(), await loadGpt2()]) {
      const given = { input_ids, token_type_ids: null, inputs_embeds: null, ...none }
      expect(numbers(firstField(model, given))).toEqual(numbers(firstField(model, { input_ids })))
    }
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

  test('GPT-2 refuses the same, and masks of one row a token', async () => {
    const model = await loadGpt2()
    const long = [new Array<number>(97).fill(1)]
    for (const [code, inputs] of [
      ['TOO_LONG', { input_ids: long }],
      ['ID_RANGE', { input_ids: [[5, 228]] }],
      ['ID_RANGE', { input_ids: [[5]], token_type_ids: [[228]] }],
      ['ID_RANGE', { input_ids: [[5]], position_ids: [[96]] }],
      ['EMPTY_INPUT', { input_ids: [[]] }],
      ['SHAPE', { input_ids: [[[5]]] }],
      ['SHAPE', { input_ids: [[5, 6]], token_type_ids: [[1]] }],
      ['SHAPE', { input_ids: [[5, 6]], position_ids: [[1]] }],
      ['SHAPE', { input_ids: [[5], [6]], token_type_ids: [[1]] }],
      ['INPUT_CHOICE', [[5, 6]]],
      ['MASK_SHAPE', { input_ids: [[5, 6]], attention_mask: [[1, 1, 1]] }],
      [
        'MASK_SHAPE',
        {
          input_ids: [[5, 6]],
          attention_mask: [
            [
              [1, 0],
              [1, 1],
            ],
          ],
        },
      ],
      ['LABEL_SHAPE', { input_ids: [[5, 6]], labels: [[5]] }],
      ['LABEL_SHAPE', { input_ids: [[5, 6]], labels: [[5, 6]], logits_to_keep: 1 }],
      ['LABEL_RANGE', { input_ids: [[5, 6]], labels: [[5, 228]] }],
      ['OPTION_VALUE', { input_ids: [[5, 6]], logits_to_keep: -1 }],
      ['OPTION_VALUE', { input_ids: [[5, 6]], logits_to_keep: 0.5 }],
      ['INPUT_CHOICE', undefined],
      ['INPUT_CHOICE', null],
    ] as const) {
      expect(() => model.forward(inputs as object), code).toThrow(expect.objectContaining({ code }))
    }
    expect(() => model.forward({ input_ids: long })).toThrow('97 tokens do not fit into the 96 places (n_positions)')
    const square = [
      [
        [1, 0],
        [1, 1],
      ],
    ]
    expect(() => model.forward({ input_ids: [[5, 6]], attention_mask: square })).toThrow('give four dims, (B, 1, T, S)')
  })

  test('a mask may be truth values, whole numbers of any kind, or numbers to add', async () => {
    for (const model of [await loadBert(), await loadGpt2()]) {
      const first = (attention_mask: unknown) => numbers(firstField(model, { input_ids: [[5, 6, 7]], attention_mask }))
      const wanted = first([[1, 1, 0]])
      for (const mask of [
        [1, 1, 0],
        [[1n, 1n, 0n]],
        [[true, true, false]],
        [[[1, 1, 0]]],
        Int32Array.from([1, 1, 0]),
      ]) {
        expect(first(mask)).toEqual(wanted)
      }
      expect(first(backend.tensor([[1, 1, 0]]))).toEqual(wanted)
      const added = first([[[[true, true, false]]]])
      expect(first([[[[0, 0, -Infinity]]]])).toEqual(added)
      for (const [i, value] of first([[[[0, 0, -1e9]]]]).entries())
        expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-5)
      expect(first([[[[0, 0, 0]]]])).toEqual(first([[1, 1, 1]]))
    }
  })

  test('numbers that are broken stay broken: NaN in a weight gives NaN', async () => {
    const model = await loadGpt2()
    const { weight } = model.transformer.wte
    weight.value = backend.tensor(
      weight.value.data.map(() => Number.NaN),
      { shape: weight.shape },
    )
    expect(numbers(model.forward({ input_ids: [[5]] }).logits).every(Number.isNaN)).toBe(true)
  })

  test('tensors that were disposed of are refused', async () => {
    const model = await loadBert()
    const ids = backend.tensor([[5, 6]])
    const inputs_embeds = backend.zeros([1, 2, 32])
    for (const tensor of [ids, inputs_embeds]) tensor.dispose()
    expect(() => model.forward({ input_ids: ids })).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    expect(() => model.forward({ inputs_embeds })).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
  })

  test('embeddings may be of another back end', async () => {
    const model = await loadBert()
    const rows = Array.from({ length: 64 }, (_, i) => Math.sin(i))
    using other = await openBackend('reference')
    const shape = [1, 2, 32]
    const [own, foreign] = [backend, other].map(from => from.tensor(rows, { shape }))
    const given = [own!, foreign!, own!.tolist() as number[][][]]
    const [a, b, c] = given.map(inputs_embeds => numbers(model.forward({ inputs_embeds }).last_hidden_state))
    expect(b).toEqual(a)
    expect(c).toEqual(a)
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

/** What a model gives first, whatever its name. */
function firstField(model: PreTrainedModel, inputs: object): Tensor {
  return Object.values(model.forward(inputs as never) as Record<string, Tensor>)[0]!
}

test('choices need three dims; texts without choices may do for the double heads', async () => {
  const bert = await BertForMultipleChoice.from_pretrained(goldenPath('weights/bert-multiplechoice'))
  const gpt2 = await GPT2DoubleHeadsModel.from_pretrained(goldenPath('weights/gpt2-double'))
  const code = (name: string) => expect.objectContaining({ name: 'InputError', code: name })
  expect(() => bert.forward({ input_ids: [[5, 6]] })).toThrow(code('SHAPE'))
  expect(() => bert.forward({ input_ids: [[5, 6]] })).toThrow(
    'input_ids: expected the shape (batch, choices, tokens), got (1, 2)',
  )
  expect(() => bert.forward({ input_ids: [[[5], [6]], [[7]]] })).toThrow(code('RAGGED'))
  expect(() => bert.forward({ inputs_embeds: [[[1]]] })).toThrow('(batch, choices, tokens, width)')
  expect(() => bert.forward({ input_ids: [[[5], [6]]], labels: [2] })).toThrow(code('LABEL_RANGE'))
  expect(() => bert.forward({})).toThrow(code('INPUT_CHOICE'))
  expect(() => gpt2.forward({ input_ids: [5, 6] as number[] })).toThrow(code('SHAPE'))
  expect(() => gpt2.forward({ input_ids: [[[5, 6]]], mc_token_ids: [[2]] })).toThrow(code('ID_RANGE'))
  expect(() => gpt2.forward({ input_ids: [[[5, 6]]], mc_token_ids: [[1, 1]] })).toThrow(code('SHAPE'))
  expect(gpt2.forward({ input_ids: [[5, 6]] }).mc_logits.shape).toEqual([1])
  expect(gpt2.forward({ input_ids: [[[5, 6]]], logits_to_keep: 1 }).logits.shape).toEqual([1, 1, 1, 228])
  const ids = bert.backend.tensor([
    [
      [5, 6],
      [7, 8],
    ],
  ])
  expect(numbers(bert.forward({ input_ids: ids }).logits)).toEqual(
    numbers(bert.forward({ input_ids: [[Int32Array.from([5, 6]), Int32Array.from([7, 8])]] as never }).logits),
  )
})

test('several texts need a padding token to find their last words', async () => {
  const model = await GPT2ForSequenceClassification.from_pretrained(goldenPath('weights/gpt2-seqcls'))
  const inputs = {
    input_ids: [
      [5, 6],
      [7, 0],
    ],
  }
  const padded = numbers(model.forward(inputs).logits)
  model.config.pad_token_id = undefined
  expect(() => model.forward(inputs)).toThrow(
    expect.objectContaining({
      code: 'NO_PAD_TOKEN',
      message: expect.stringContaining('set model.config.pad_token_id'),
    }),
  )
  expect(model.forward({ input_ids: [[7, 0]] }).logits.shape).toEqual([1, 3])
  model.config.pad_token_id = 0
  expect(numbers(model.forward(inputs).logits)).toEqual(padded)
})
