// The types of results follow from the task's literal name and from the options; checked by the compiler.
import { expectTypeOf, test } from 'vitest'
import {
  type Answer,
  type Classification,
  type EntityGroup,
  type FilledMask,
  type GeneratedText,
  type GeneratedTokens,
  type Pipelines,
  pipeline,
  type Tensor,
  type TextClassificationOptions,
  type TextGenerationOptions,
  type TextGenerationPipeline,
  type TokenClassificationOptions,
  TokenClassificationPipeline,
  type TokenEntity,
  type ZeroShotResult,
} from '../../src/index.ts'

declare const names: AsyncGenerator<string>
type Call<T> = () => T

test('pipeline() gives the class of the task', () => {
  expectTypeOf<ReturnType<typeof pipeline<'text-generation'>>>().resolves.toEqualTypeOf<TextGenerationPipeline>()
  expectTypeOf<Pipelines['ner']>().toEqualTypeOf<Pipelines['token-classification']>()
  expectTypeOf<Pipelines['sentiment-analysis']>().toEqualTypeOf<Pipelines['text-classification']>()
})

test('results', () => {
  const check = <T>(_: Call<T>) => expectTypeOf<Awaited<T>>()
  const one = (generator: Pipelines['text-generation']) => {
    check(() => generator('a')).toEqualTypeOf<GeneratedText[]>()
    check(() => generator(['a'])).toEqualTypeOf<GeneratedText[][]>()
    check(() => generator('a', { return_tensors: true })).toEqualTypeOf<GeneratedTokens[]>()
    check(() => generator(['a'], { return_type: 'tensors' })).toEqualTypeOf<GeneratedTokens[][]>()
    check(() => generator(names)).toEqualTypeOf<AsyncGenerator<GeneratedText[]>>()
    check(() => generator.stream('a')).toEqualTypeOf<AsyncGenerator<string, void>>()
  }
  const two = (classifier: Pipelines['text-classification']) => {
    check(() => classifier('a')).toEqualTypeOf<Classification[]>()
    check(() => classifier({ text: 'a', text_pair: 'b' })).toEqualTypeOf<Classification>()
    check(() => classifier({ text: 'a' }, { top_k: 2 })).toEqualTypeOf<Classification[]>()
    check(() => classifier(['a'])).toEqualTypeOf<Classification[]>()
    check(() => classifier(['a'], { top_k: null })).toEqualTypeOf<Classification[][]>()
    check(() => classifier(names, { top_k: 2 })).toEqualTypeOf<AsyncGenerator<Classification[]>>()
  }
  const three = (ner: Pipelines['ner']) => {
    check(() => ner('a')).toEqualTypeOf<TokenEntity[]>()
    check(() => ner('a', { aggregation_strategy: 'simple' })).toEqualTypeOf<EntityGroup[]>()
    check(() => ner(['a'], { aggregation_strategy: 'max' })).toEqualTypeOf<EntityGroup[][]>()
    check(() => ner(['a', 'b'], { is_split_into_words: true })).toEqualTypeOf<TokenEntity[][]>()
  }
  const four = (answerer: Pipelines['question-answering']) => {
    check(() => answerer('q', 'c')).toEqualTypeOf<Answer>()
    check(() => answerer({ question: 'q', context: 'c' }, { top_k: 1 })).toEqualTypeOf<Answer>()
    check(() => answerer({ question: 'q', context: 'c' }, { top_k: 3 })).toEqualTypeOf<Answer[]>()
    check(() => answerer([{ question: 'q', context: 'c' }])).toEqualTypeOf<Answer[]>()
    check(() => answerer({ question: ['q'], context: 'c' }, { top_k: 3 })).toEqualTypeOf<Answer[][]>()
  }
  const five = (filler: Pipelines['fill-mask'], extractor: Pipelines['feature-extraction']) => {
    check(() => filler('a')).toEqualTypeOf<FilledMask[] | FilledMask[][]>()
    check(() => extractor('a')).toEqualTypeOf<number[][][]>()
    check(() => extractor('a', { pooling: 'mean' })).toEqualTypeOf<number[][]>()
    check(() => extractor(['a'], { pooling: 'cls', normalize: true })).toEqualTypeOf<number[][]>()
    check(() => extractor(['a'], { return_tensors: true })).toEqualTypeOf<Tensor[]>()
    check(() => extractor(['a'], { pooling: 'cls', return_tensors: true })).toEqualTypeOf<Tensor>()
  }
  const six = (chooser: Pipelines['zero-shot-classification']) => {
    check(() => chooser('a', ['b'])).toEqualTypeOf<ZeroShotResult>()
    check(() => chooser(['a'], { candidate_labels: 'b, c' })).toEqualTypeOf<ZeroShotResult[]>()
  }
  expectTypeOf([one, two, three, four, five, six]).toBeArray()
})

test('results follow what the pipeline was made with', () => {
  const made = {
    ner: () => pipeline('ner', 'folder', { aggregation_strategy: 'simple', use_fast: true }),
    labels: () => pipeline('text-classification', { model: 'folder', top_k: 2 }),
    tokens: () => pipeline('text-generation', 'folder', { return_tensors: true }),
    answers: () => pipeline('question-answering', 'folder', { top_k: 3 }),
    vectors: () => pipeline('feature-extraction', 'folder', { pooling: 'mean' }),
  }
  type Of<Name extends keyof typeof made> = Awaited<ReturnType<(typeof made)[Name]>>
  const check = <T>(_: Call<T>) => expectTypeOf<Awaited<T>>()
  const results = (
    ...[ner, labels, tokens, answers, vectors]: [Of<'ner'>, Of<'labels'>, Of<'tokens'>, Of<'answers'>, Of<'vectors'>]
  ) => {
    check(() => ner('a')).toEqualTypeOf<EntityGroup[]>()
    check(() => ner('a', { aggregation_strategy: 'none' })).toEqualTypeOf<TokenEntity[]>()
    check(() => ner(['a'], { stride: 2 })).toEqualTypeOf<EntityGroup[][]>()
    check(() => labels('a')).toEqualTypeOf<Classification[][]>()
    check(() => labels('a', { top_k: 1 })).toEqualTypeOf<Classification[]>()
    check(() => labels(['a'])).toEqualTypeOf<Classification[][]>()
    check(() => tokens('a')).toEqualTypeOf<GeneratedTokens[]>()
    check(() => tokens(['a'], { return_tensors: false })).toEqualTypeOf<GeneratedText[][]>()
    check(() => answers('q', 'c')).toEqualTypeOf<Answer[]>()
    check(() => answers('q', 'c', { top_k: 1 })).toEqualTypeOf<Answer>()
    check(() => vectors('a')).toEqualTypeOf<number[][]>()
    check(() => vectors(names)).toEqualTypeOf<AsyncGenerator<number[]>>()
  }
  expectTypeOf(results).toBeFunction()
  expectTypeOf(
    ({ model, tokenizer }: TokenClassificationPipeline) =>
      new TokenClassificationPipeline(model, tokenizer, { aggregation_strategy: 'max' }),
  ).returns.toEqualTypeOf<TokenClassificationPipeline<{ readonly aggregation_strategy: 'max' }>>()
})

test('options that are known when the program runs give all that can come', () => {
  const check = <T>(_: Call<T>) => expectTypeOf<Awaited<T>>()
  const results = (
    pipelines: Pipelines,
    texts: string | string[],
    forNer: TokenClassificationOptions,
    forLabels: TextClassificationOptions,
    forText: TextGenerationOptions,
  ) => {
    check(() => pipelines.ner('a', forNer)).toEqualTypeOf<TokenEntity[] | EntityGroup[]>()
    check(() => pipelines['text-classification'](['a'], forLabels)).toEqualTypeOf<
      (Classification | Classification[])[]
    >()
    check(() => pipelines['text-generation']('a', forText)).toEqualTypeOf<GeneratedText[] | GeneratedTokens[]>()
    check(() => pipelines['text-generation'](texts)).toEqualTypeOf<GeneratedText[] | GeneratedText[][]>()
    check(() => pipelines['text-classification'](texts)).toEqualTypeOf<Classification[]>()
    check(() => pipelines['feature-extraction'](texts)).toEqualTypeOf<number[][][] | number[][][][]>()
    check(() => pipelines['zero-shot-classification'](texts, 'a')).toEqualTypeOf<ZeroShotResult | ZeroShotResult[]>()
    check(() => pipelines['fill-mask'](texts)).toEqualTypeOf<
      FilledMask[] | FilledMask[][] | (FilledMask[] | FilledMask[][])[]
    >()
  }
  expectTypeOf(results).toBeFunction()
})

test('options that no task has do not compile', () => {
  const calls = (generator: Pipelines['text-generation'], filler: Pipelines['fill-mask']) => {
    // @ts-expect-error a typing slip
    void generator('a', { max_new_token: 3 })
    // @ts-expect-error no such option in this task
    void filler('a', { pooling: 'mean' })
    // @ts-expect-error a typing slip
    void pipeline('fill-mask', 'folder', { topk: 2 })
    // @ts-expect-error a field of no config
    void pipeline('text-classification', 'folder', { num_lables: 2 })
    // @ts-expect-error a typing slip
    void pipeline('fill-mask', { model: 'folder', topk: 2 })
    void pipeline('text-classification', 'folder', { num_labels: 2, top_k: 2, id2label: { 0: 'a' }, n_layer: 2 })
  }
  expectTypeOf(calls).toBeFunction()
})
