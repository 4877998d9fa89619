// How pipelines are called: by folder or by model, one input, a list or a stream, in batches, with options for one call or all.
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
  AutoTokenizer,
  type Classification,
  FeatureExtractionPipeline,
  type FilledMask,
  FillMaskPipeline,
  type GeneratedText,
  NerPipeline,
  pipeline,
  QuestionAnsweringPipeline,
  Tensor,
  TextClassificationPipeline,
  TextGenerationPipeline,
  TokenClassificationPipeline,
  ZeroShotClassificationPipeline,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

const checkpoint = (name: string) => fileURLToPath(new URL(`../../checkpoints/${name}`, import.meta.url))
const poet = checkpoint('gpt2-tang-poetry')
const critic = checkpoint('bert-tiny-sentiment-zh')
const tiny = goldenPath('weights/bert-seqcls5')
const poem = {
  do_sample: false,
  max_new_tokens: 64,
  prefix: '[CLS]',
  add_special_tokens: false,
  compact: true,
} as const
const texts = ['今天你好 hello world', '我他这为之大来以个', 'the text 2021, playing!', '未知字囍 and unables', '你']

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve()
    yield item
  }
}

function* sooner<T>(items: readonly T[]): Generator<T> {
  yield* items
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

test('a folder is enough', async () => {
  const generator = await pipeline('text-generation', poet, { backend: 'wasm' })
  const results: GeneratedText[] = await generator('春眠不觉晓，', poem)
  expect(results).toEqual([{ generated_text: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。' }])
  const classifier = await pipeline('sentiment-analysis', critic)
  const labels: Classification[] = await classifier('这家酒店非常好，下次还来。')
  expect(labels).toEqual([{ label: 'POSITIVE', score: expect.closeTo(0.942225, 5) }])
})

test("a loaded model and its tokenizer, with pipeline() or with Hugging Face's classes", async () => {
  const model = await AutoModelForCausalLM.from_pretrained(poet)
  const tokenizer = await AutoTokenizer.from_pretrained(poet)
  const wanted = [{ generated_text: '春眠不觉晓，日日正迟迟。花落人家少，莺啼马上迟。' }]
  const made = [
    await pipeline('text-generation', model, tokenizer),
    await pipeline('text-generation', model, { tokenizer }),
    await pipeline('text-generation', model, { tokenizer: poet } as never),
    new TextGenerationPipeline(model, tokenizer),
  ]
  for (const generator of made) {
    expect(generator).toBeInstanceOf(TextGenerationPipeline)
    expect(await generator('春眠不觉晓，', poem)).toEqual(wanted)
  }
  const generator = new TextGenerationPipeline(model, tokenizer, poem)
  expect(await generator('春眠不觉晓，')).toEqual(wanted)
  expect([generator.task, generator.model, generator.tokenizer]).toEqual(['text-generation', model, tokenizer])
})

test('each task and alias gives an instance of its class', async () => {
  const made = {
    'text-classification': [tiny, TextClassificationPipeline],
    'sentiment-analysis': [tiny, TextClassificationPipeline],
    'zero-shot-classification': [tiny, ZeroShotClassificationPipeline],
    'token-classification': [goldenPath('weights/bert-tokcls'), TokenClassificationPipeline],
    ner: [goldenPath('weights/bert-tokcls'), NerPipeline],
    'question-answering': [goldenPath('weights/bert-qa'), QuestionAnsweringPipeline],
    'fill-mask': [goldenPath('weights/bert-mlm'), FillMaskPipeline],
    'feature-extraction': [goldenPath('weights/bert-model'), FeatureExtractionPipeline],
    embeddings: [goldenPath('weights/bert-model'), FeatureExtractionPipeline],
    'text-generation': [goldenPath('weights/gpt2-lm'), TextGenerationPipeline],
  } as const
  for (const [task, [folder, Class]] of Object.entries(made)) {
    expect(await pipeline(task as keyof typeof made, folder), task).toBeInstanceOf(Class)
  }
})

test('lists, generators and async generators give the same results in the same order', async () => {
  const classifier = await pipeline('text-classification', tiny)
  const filler = await pipeline('fill-mask', goldenPath('weights/bert-mlm'))
  const extractor = await pipeline('feature-extraction', goldenPath('weights/bert-model'))
  const generator = await pipeline('text-generation', goldenPath('weights/gpt2-lm'), {
    do_sample: false,
    max_new_tokens: 3,
    add_special_tokens: false,
  })
  const masked = texts.map(text => `${text}[MASK]`)
  for (const batch_size of [1, 2, 7]) {
    const size = { batch_size }
    expect(await all(classifier(later(texts), size))).toEqual(await classifier(texts, size))
    expect(await all(classifier(sooner(texts), { ...size, top_k: 2 }))).toEqual(
      await classifier(texts, { ...size, top_k: 2 }),
    )
    expect(await all(filler(later(masked), size))).toEqual(await filler(masked, size))
    expect(await all(extractor(later(texts), { ...size, pooling: 'mean' }))).toEqual(
      await extractor(texts, { ...size, pooling: 'mean' }),
    )
    expect(await all(generator(later(texts), size))).toEqual(await generator(texts, size))
  }
})

test('a stream is read no further than the batch that is worked on', async () => {
  const classifier = await pipeline('text-classification', tiny)
  let read = 0
  async function* counted() {
    for (const text of texts) {
      read++
      yield text
    }
  }
  const results = classifier(counted(), { batch_size: 2 })
  await results.next()
  expect(read).toBe(2)
  await results.return(undefined)
})

test('the size of batches changes no result', async () => {
  const classifier = await pipeline('text-classification', tiny)
  const one = await classifier(texts, { top_k: null })
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([0, 1, 2, 3, 4]),
      fc.integer({ min: 1, max: 6 }),
      async (places, batch_size) => {
        const results = await classifier(
          places.map(place => texts[place]!),
          { batch_size, top_k: null },
        )
        for (const [i, labels] of results.entries()) {
          expect(labels.map(({ label }) => label)).toEqual(one[places[i]!]!.map(({ label }) => label))
          for (const [j, { score }] of labels.entries()) expect(score).toBeCloseTo(one[places[i]!]![j]!.score, 5)
        }
      },
    ),
    { numRuns: 20, seed: 1 },
  )
})

test('other work gets its turn between batches', async () => {
  const classifier = await pipeline('text-classification', tiny)
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  await classifier(Array.from({ length: 20 }, () => texts[0]!))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
})

test('streaming gives the same text, in pieces', async () => {
  const generator = await pipeline('text-generation', poet)
  const pieces = await all(generator.stream('床前明月光，', poem))
  const [{ generated_text }] = (await generator('床前明月光，', poem)) as [GeneratedText]
  expect(pieces.length).toBeGreaterThan(10)
  expect(`床前明月光，${pieces.join('')}`).toBe(generated_text)
})

test('a seed repeats a sampled text, and several answers come in one list', async () => {
  const generator = await pipeline('text-generation', poet)
  const draw = { ...poem, do_sample: true, top_k: 20, temperature: 0.9, seed: 3 }
  expect(await generator('秋夜：', draw)).toEqual(await generator('秋夜：', draw))
  const three = await generator('秋夜：', { ...draw, num_return_sequences: 3 })
  expect(new Set(three.map(({ generated_text }) => generated_text)).size).toBe(3)
})

test('an empty list gives an empty list', async () => {
  const classifier = await pipeline('text-classification', critic)
  expect(await classifier([])).toEqual([])
  const extractor = await pipeline('feature-extraction', goldenPath('weights/bert-model'))
  expect(await extractor([], { pooling: 'mean', return_tensors: true })).toEqual([])
})

test('without compact, decoded Chinese keeps the spaces of Hugging Face', async () => {
  const generator = await pipeline('text-generation', poet)
  const [{ generated_text }] = (await generator('春眠不觉晓，', { ...poem, compact: false, max_new_tokens: 4 })) as [
    GeneratedText,
  ]
  expect(generated_text).toBe('春眠不觉晓， 日 日 正 迟')
})

test('options of the pipeline hold until a call gives others, and undefined is no other', async () => {
  const filler = await pipeline('fill-mask', goldenPath('weights/bert-mlm'), { top_k: 2 })
  const text = '今天[MASK]好'
  expect(await filler(text)).toHaveLength(2)
  expect(await filler(text, { top_k: undefined as never })).toHaveLength(2)
  expect(await filler(text, { top_k: 4 })).toHaveLength(4)
  expect(await filler(text)).toHaveLength(2)
  expect(filler.defaults).toEqual({ top_k: 2 })
})

test('tensors: one for each text, or with pooling one for all', async () => {
  const extractor = await pipeline('feature-extraction', goldenPath('weights/bert-model'))
  const lists = await extractor(texts[0]!)
  const tensor = await extractor(texts[0]!, { return_tensors: true })
  expect(tensor.shape).toEqual([1, lists[0]!.length, 32])
  expect(tensor.tolist()).toEqual(lists)
  const [first, second] = await extractor(texts.slice(0, 2), { return_tensors: true, batch_size: 2 })
  expect([first, second]).toEqual([expect.any(Tensor), expect.any(Tensor)])
  const pooled = await extractor(texts, { return_tensors: true, pooling: 'cls' })
  expect(pooled.shape).toEqual([5, 32])
  expect(pooled.tolist()).toEqual(await extractor(texts, { pooling: 'cls' }))
  expect(await extractor(texts[0]!, { pooling: 'cls' })).toEqual([lists[0]![0]])
})

test('quantize keeps signs, as transformers.js counts them', async () => {
  const extractor = await pipeline('feature-extraction', goldenPath('weights/bert-model'))
  const [vector] = (await extractor(texts[0]!, { pooling: 'mean' })) as [number[]]
  const bytes = Array.from({ length: 4 }, (_, i) =>
    Number.parseInt(
      vector
        .slice(8 * i, 8 * i + 8)
        .map(x => (x > 0 ? '1' : '0'))
        .join(''),
      2,
    ),
  )
  const quantized = { pooling: 'mean', quantize: true } as const
  expect(await extractor(texts[0]!, { ...quantized, precision: 'ubinary' })).toEqual([bytes])
  expect(await extractor(texts[0]!, quantized)).toEqual([bytes.map(byte => byte - 128)])
  expect(await extractor([texts[0]!], { ...quantized, precision: 'binary' })).toEqual([bytes.map(byte => byte - 128)])
})

test('padding inside a row does not count for pooling', async () => {
  const extractor = await pipeline('feature-extraction', goldenPath('weights/bert-model'))
  const tokenize_kwargs = { padding: 'max_length', max_length: 20 }
  for (const pooling of ['mean', 'last_token'] as const) {
    const [plain] = (await extractor('你好', { pooling })) as [number[]]
    const [filled] = (await extractor('你好', { pooling, tokenize_kwargs })) as [number[]]
    for (const [i, x] of filled.entries()) expect(x).toBeCloseTo(plain[i]!, 5)
  }
})

test('heads give their logits as features', async () => {
  const model = await AutoModelForMaskedLM.from_pretrained(goldenPath('weights/bert-mlm'))
  const tokenizer = await AutoTokenizer.from_pretrained(goldenPath('weights/bert-mlm'))
  const features = await new FeatureExtractionPipeline(model, tokenizer)('你好')
  expect([features.length, features[0]!.length, features[0]![0]!.length]).toEqual([1, 4, 228])
  const classifier = await AutoModelForSequenceClassification.from_pretrained(tiny)
  await expect(new FeatureExtractionPipeline(classifier, tokenizer)('你好')).rejects.toMatchObject({
    code: 'NO_FEATURES',
  })
})

test('labels of zero-shot may be the second argument, a question may come before its text', async () => {
  const chooser = await pipeline('zero-shot-classification', tiny)
  const labels = ['游戏', 'world']
  const wanted = await chooser(texts[0]!, { candidate_labels: labels })
  expect(await chooser(texts[0]!, labels)).toEqual(wanted)
  expect(await chooser(texts[0]!, '游戏,world')).toEqual(wanted)
  expect(await chooser([texts[0]!], labels, { multi_label: false })).toEqual([wanted])
  expect(await all(chooser(later([texts[0]!]), labels))).toEqual([wanted])
  const answerer = await pipeline('question-answering', goldenPath('weights/bert-qa'), { use_fast: false })
  const input = { question: '什么？', context: '今天他和她想去看小说' }
  expect(await answerer(input.question, input.context)).toEqual(await answerer(input))
  expect(await answerer(input.question, input.context, { top_k: 2 })).toHaveLength(2)
  expect(await answerer([input], { top_k: 2 })).toEqual([await answerer(input, { top_k: 2 })])
  expect(await all(answerer(later([input])))).toEqual([await answerer(input)])
})

test('a fill-mask list of one text gives a list, and several masks a list for each', async () => {
  const filler = await pipeline('fill-mask', goldenPath('weights/bert-mlm'), { top_k: 1 })
  const one = (await filler('我[MASK]们')) as FilledMask[]
  expect(await filler(['我[MASK]们'])).toEqual([one])
  expect(await filler('我[MASK]们[MASK]')).toEqual([[expect.anything()], [expect.anything()]])
})

test("transformers.js's and Hugging Face's loading options", async () => {
  for (const device of ['cpu', 'wasm', -1] as const) {
    const classifier = await pipeline('text-classification', tiny, { device, dtype: 'fp32', local_files_only: true })
    expect(classifier.model.backend.name).toBe('wasm')
  }
  const reference = await pipeline('text-classification', tiny, { backend: 'reference', torch_dtype: 'float32' })
  expect(reference.model.backend.name).toBe('reference')
  const slow = await pipeline('text-classification', tiny, {
    use_fast: false,
    model_kwargs: { problem_type: 'regression' },
  })
  expect(slow.tokenizer.is_fast).toBe(false)
  expect(slow.model.config.problem_type).toBe('regression')
  const labelled = await pipeline('text-classification', tiny, { id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e' } })
  expect((await labelled(texts[0]!))[0]!.label).toBe('d')
})

test('dispose frees the weights', async () => {
  const classifier = await pipeline('text-classification', tiny)
  classifier.dispose()
  await expect(classifier('好')).rejects.toMatchObject({ code: 'DISPOSED' })
  const { model } = await (async () => {
    using filler = await pipeline('fill-mask', goldenPath('weights/bert-mlm'))
    return filler
  })()
  expect(() => model.forward({ input_ids: [[1]], attention_mask: [[1]] })).toThrow(
    expect.objectContaining({ code: 'DISPOSED' }),
  )
})

test('an aborted generation rejects with the reason', async () => {
  const generator = await pipeline('text-generation', poet)
  await expect(generator('好', { ...poem, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})

test('a tokenizer of the user need not have more than pipelines ask for', async () => {
  const model = await AutoModelForSequenceClassification.from_pretrained(tiny)
  const tokenizer = Object.assign((text: string) => ({ input_ids: [...text].map(() => 7) }), {
    decode: () => '',
    padding_side: 'right',
    pad_token_id: 0,
    sep_token_id: undefined,
  })
  const classifier = new TextClassificationPipeline(model, tokenizer)
  const results = await classifier(['abc', 'a'], { batch_size: 2 })
  const [second] = await classifier('a')
  expect(results[1]!.score).toBeCloseTo(second!.score, 5)
})

test('a model whose forward gives tuples is read by name', async () => {
  const cases = [
    ['fill-mask', 'bert-mlm', '好[MASK]'],
    ['feature-extraction', 'bert-model', '好'],
    ['ner', 'bert-tokcls', '好'],
    ['text-classification', 'bert-seqcls', '好'],
  ] as const
  for (const [task, name, text] of cases) {
    const folder = goldenPath(`weights/${name}`)
    const named = await pipeline(task, folder)
    const tuples = await pipeline(task, folder, { return_dict: false })
    const answer = await Reflect.apply(tuples as typeof named, undefined, [text])
    expect(answer, task).toEqual(await Reflect.apply(named, undefined, [text]))
  }
  const folder = goldenPath('weights/bert-qa')
  const [named, tuples] = [
    await pipeline('question-answering', folder),
    await pipeline('question-answering', folder, { return_dict: false }),
  ]
  expect(await tuples('你', '今天你好')).toEqual(await named('你', '今天你好'))
  const chooser = await pipeline('zero-shot-classification', goldenPath('weights/bert-seqcls'), { return_dict: false })
  expect((await chooser('好', ['a', 'b'])).labels).toHaveLength(2)
  const generator = await pipeline('text-generation', goldenPath('weights/gpt2-lm'), { return_dict: false })
  expect(await generator('好', { max_new_tokens: 2 })).toHaveLength(1)
})
