// The types of results follow from the task's literal name and from the options; checked by the compiler.
import { expectTypeOf, test } from 'vitest'
import type {
  Answer,
  Classification,
  EntityGroup,
  FilledMask,
  GeneratedText,
  GeneratedTokens,
  Pipelines,
  pipeline,
  Tensor,
  TextGenerationPipeline,
  TokenEntity,
  ZeroShotResult,
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

test('options that no task has do not compile', () => {
  const calls = (generator: Pipelines['text-generation'], filler: Pipelines['fill-mask']) => {
    // @ts-expect-error a typing slip
    void generator('a', { max_new_token: 3 })
    // @ts-expect-error no such option in this task
    void filler('a', { pooling: 'mean' })
  }
  expectTypeOf(calls).toBeFunction()
})
