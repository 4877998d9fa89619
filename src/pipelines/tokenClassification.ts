// The token-classification pipeline, also called ner (transformers/pipelines/token_classification.py): texts in, labelled
// tokens or entities out.
import { AutoModelForTokenClassification } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { warnOnce } from '../warnings.ts'
import { inBatches, type PaddedBatch, padRows, tokenRowsOf } from './batches.ts'
import { CodePoints } from './codePoints.ts'
import {
  type Aggregation,
  type AggregationStrategy,
  aggregationStrategies,
  type EntityGroup,
  groupTokens,
  labelTokens,
  type ScoredToken,
  type TokenEntity,
  withoutOverlaps,
} from './entities.ts'
import { checkChoice, checkWhole, optionFault } from './options.ts'
import type { Known, NoOptions, Value } from './optionTypes.ts'
import { softmaxOf } from './scores.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { limitOf, type TokenTokenizer, withTokens } from './tokenizer.ts'
import { type Place, type TextOrWords, type TokenPiece, tokenPieces } from './tokenPieces.ts'

export interface TokenClassificationOptions extends SharedOptions {
  /**
   * 'none' (the default): every token with its label. 'simple': tokens beside each other with one label are a group. 'first',
   * 'average', 'max': the tokens of a word agree first, on the label of the first token, of the mean or of the highest score.
   */
  aggregation_strategy?: AggregationStrategy
  /** Labels to leave out; ['O'] unless given. */
  ignore_labels?: readonly string[]
  /** Cut a long text into pieces that overlap by so many tokens. Needs a strategy other than 'none' and a fast tokenizer. */
  stride?: number
  /** Each text is a list of words. Needs a fast tokenizer. */
  is_split_into_words?: boolean
  /** What stands between the words; one space unless given. */
  delimiter?: string
  /** Start and end of each token of a single text, special ones included, where the tokenizer does not know them. */
  offset_mapping?: readonly Place[]
}

type Entities = TokenEntity[] | EntityGroup[]

/** A model that gives logits (B, T, num_labels). */
export type TokenLabeller = PreTrainedModel & { forward(inputs: PaddedBatch): { logits: Tensor } }

type Options = TokenClassificationOptions

type Found<Strategy> = Strategy extends 'none' ? TokenEntity[] : EntityGroup[]

/** What a text gives: tokens, or groups of them with an aggregation_strategy. */
type Result<Made, Own> = Found<Value<Made, Own, 'aggregation_strategy', 'none'>>

export interface TokenClassificationPipeline<Made extends Options = NoOptions> {
  /** With is_split_into_words the words of one text are a list of one text. */
  <const Own extends Options = NoOptions>(text: string, options?: Known<Own, Options>): Promise<Result<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: readonly TextOrWords[],
    options?: Known<Own, Options>,
  ): Promise<Result<Made, Own>[]>
  <const Own extends Options = NoOptions>(
    texts: Stream<TextOrWords>,
    options?: Known<Own, Options>,
  ): AsyncGenerator<Result<Made, Own>>
  <const Own extends Options = NoOptions>(
    texts: string | readonly TextOrWords[],
    options?: Known<Own, Options>,
  ): Promise<Result<Made, Own> | Result<Made, Own>[]>
}

/** Labels tokens, or the entities that they make. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class TokenClassificationPipeline<const Made extends Options = NoOptions> extends TaskPipeline<
  TokenLabeller,
  TextOrWords,
  Options,
  Entities,
  Made
> {
  static override readonly task = 'token-classification'
  static override readonly models = AutoModelForTokenClassification
  static override readonly shortening =
    'load the tokenizer with { model_max_length }, to which texts are cut; with { stride } all of the text is read'
  static override readonly options = [
    ...(['aggregation_strategy', 'ignore_labels', 'stride', 'is_split_into_words', 'delimiter'] as const),
    ...(['offset_mapping', 'batch_size'] as const),
  ]

  protected override check(options: TokenClassificationOptions): void {
    const { aggregation_strategy: strategy = 'none', stride, is_split_into_words } = options
    checkChoice(this.task, 'aggregation_strategy', strategy, aggregationStrategies)
    checkWhole(this.task, 'stride', stride, 0)
    if (stride !== undefined && strategy === 'none') {
      throw optionFault(this.task, 'stride', "stride needs an aggregation_strategy other than 'none'")
    }
    if (stride !== undefined && stride >= limitOf(this.tokenizer)) {
      throw optionFault(this.task, 'stride', `stride must be below the tokenizer's limit of ${limitOf(this.tokenizer)}`)
    }
    if (this.tokenizer.is_fast) return
    if (['first', 'average', 'max'].includes(strategy) || stride !== undefined || is_split_into_words) {
      const message = `${this.task}: strategies that look at words, stride and is_split_into_words need a fast tokenizer`
      throw new ConfigError('SLOW_TOKENIZER', message, { hint: 'use BertTokenizerFast, which AutoTokenizer gives' })
    }
  }

  /** @internal The words of one text are a list of one text, as in Hugging Face. */
  override call(
    inputs: TextOrWords | readonly TextOrWords[] | Stream<TextOrWords>,
    options?: TokenClassificationOptions,
  ): unknown {
    const { is_split_into_words } = { ...this.defaults, ...options }
    const isText = is_split_into_words && Array.isArray(inputs) && !inputs.every(Array.isArray)
    return super.call(isText ? [inputs] : inputs, options)
  }

  protected override async process(
    texts: readonly TextOrWords[],
    options: TokenClassificationOptions,
  ): Promise<Entities[]> {
    if (options.offset_mapping && texts.length > 1) {
      throw optionFault(this.task, 'offset_mapping', `offset_mapping is that of one text, got ${texts.length} texts`)
    }
    const tokenizer = withTokens(this.tokenizer, this.task)
    const { id2label } = this.model.config
    const aggregation: Aggregation = { id2label, join: words => tokenizer.convert_tokens_to_string(words) }
    const pieces = texts.map(text => tokenPieces(tokenizer, text, options, this.task))
    const scores = await inBatches(pieces, options, batch => this.#probabilities(batch))
    return texts.map((text, i) => {
      const written = new CodePoints(typeof text === 'string' ? text : text.join(options.delimiter ?? ' '))
      const found = pieces[i]!.map((piece, j) => {
        const tokens = scoredTokens(tokenizer, piece, scores[i]![j]!, written, options.aggregation_strategy ?? 'none')
        return entitiesOf(tokens, options, aggregation)
      })
      return found.length === 1 ? found[0]! : withoutOverlaps(found.flat() as EntityGroup[])
    })
  }

  #probabilities(pieces: readonly TokenPiece[]): number[][][] {
    return this.model.backend.scope(() => {
      const { logits } = this.model.forward(padRows(pieces, this.tokenizer))
      return tokenRowsOf(logits, pieces, this.tokenizer.padding_side).map(row => row.map(softmaxOf))
    })
  }
}

/** Tokens by label, those with labels to ignore left out. */
function entitiesOf(
  tokens: readonly ScoredToken[],
  { aggregation_strategy: strategy = 'none', ignore_labels = ['O'] }: TokenClassificationOptions,
  aggregation: Aggregation,
): Entities {
  if (strategy === 'none') {
    return labelTokens(tokens, aggregation).filter(({ entity }) => !ignore_labels.includes(entity))
  }
  return groupTokens(tokens, strategy, aggregation).filter(({ entity_group }) => !ignore_labels.includes(entity_group))
}

function scoredTokens(
  tokenizer: TokenTokenizer,
  { input_ids, special, places }: TokenPiece,
  scores: readonly (readonly number[])[],
  text: CodePoints,
  strategy: AggregationStrategy,
): ScoredToken[] {
  return input_ids.flatMap((id, index): ScoredToken[] => {
    if (special[index] === 1) return []
    const token = tokenizer.convert_ids_to_tokens(id)
    const place = places?.[index]
    if (!place) return [{ word: token, scores: scores[index]!, start: null, end: null, index, is_subword: false }]
    const [start, end] = place
    const isUnknown = id === tokenizer.unk_token_id
    const word = isUnknown ? text.slice(start, end) : token
    const is_subword = !isUnknown && continuesWord(tokenizer, token, place, text, strategy)
    return [{ word, scores: scores[index]!, start, end, index, is_subword }]
  })
}

/** A token of WordPiece that goes on with a word is longer than what it stands for, by its ##; others need a space before. */
function continuesWord(
  tokenizer: TokenTokenizer,
  token: string,
  [start, end]: Place,
  text: CodePoints,
  strategy: AggregationStrategy,
): boolean {
  const hasMarks = tokenizer.convert_tokens_to_string(['a', '##b']) === 'ab'
  if (hasMarks) return [...token].length !== end - start
  if (strategy !== 'none' && strategy !== 'simple') {
    const message =
      'token-classification: the tokenizer does not mark pieces of words, so spaces tell where words begin.'
    warnOnce('NO_WORDS', message)
  }
  return start > 0 && !text.slice(start - 1, start + 1).includes(' ')
}
