// Labelled tokens as entities: the aggregation strategies of transformers/pipelines/token_classification.py.
import { highest } from './scores.ts'

export type AggregationStrategy = 'none' | 'simple' | 'first' | 'average' | 'max'
export const aggregationStrategies = ['none', 'simple', 'first', 'average', 'max'] as const

/** A token with its label. */
export interface TokenEntity {
  entity: string
  score: number
  /** Place of the token in its text as the model takes it; padding on the left in a batch, which Hugging Face counts, is left out. */
  index: number
  word: string
  /** Start and end in the text, in code points; null with Python's tokenizers. */
  start: number | null
  end: number | null
}

/** Tokens beside each other with the same label. */
export interface EntityGroup {
  entity_group: string
  score: number
  word: string
  start: number | null
  end: number | null
}

/** A token with the probabilities of all labels. */
export interface ScoredToken {
  readonly word: string
  readonly scores: readonly number[]
  readonly start: number | null
  readonly end: number | null
  readonly index: number
  /** It goes on with the word of the token before it. */
  readonly is_subword: boolean
}

/** What the strategies need besides the tokens. */
export interface Aggregation {
  readonly id2label: readonly string[]
  /** Tokens as text. */
  join(words: readonly string[]): string
}

type Labelled = Omit<TokenEntity, 'index'>

/** Each token with its likely label. */
export function labelTokens(tokens: readonly ScoredToken[], { id2label }: Aggregation): TokenEntity[] {
  return tokens.map(({ scores, index, word, start, end }) => {
    const best = highest(scores)
    return { entity: id2label[best]!, score: scores[best]!, index, word, start, end }
  })
}

/** Groups of tokens with one label each; words agree on a label first unless the strategy is 'simple'. */
export function groupTokens(
  tokens: readonly ScoredToken[],
  strategy: Exclude<AggregationStrategy, 'none'>,
  aggregation: Aggregation,
): EntityGroup[] {
  const labelled =
    strategy === 'simple'
      ? labelTokens(tokens, aggregation)
      : wordsOf(tokens).map(word => labelWord(word, strategy, aggregation))
  return groupLabelled(labelled, aggregation)
}

/** Tokens by word. */
function wordsOf(tokens: readonly ScoredToken[]): ScoredToken[][] {
  const words: ScoredToken[][] = []
  for (const token of tokens) {
    if (words.length > 0 && token.is_subword) words.at(-1)!.push(token)
    else words.push([token])
  }
  return words
}

function labelWord(
  tokens: readonly ScoredToken[],
  strategy: 'first' | 'average' | 'max',
  { id2label, join }: Aggregation,
): Labelled {
  const scores = wordScores(tokens, strategy)
  const best = highest(scores)
  return {
    entity: id2label[best]!,
    score: scores[best]!,
    word: join(tokens.map(({ word }) => word)),
    start: tokens[0]!.start,
    end: tokens.at(-1)!.end,
  }
}

function wordScores(tokens: readonly ScoredToken[], strategy: 'first' | 'average' | 'max'): readonly number[] {
  if (strategy === 'first') return tokens[0]!.scores
  if (strategy === 'max') return tokens[highest(tokens.map(({ scores }) => Math.max(...scores)))]!.scores
  return tokens[0]!.scores.map((_, label) => mean(tokens.map(({ scores }) => scores[label]!)))
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** B-PER begins an entity, I-PER goes on with it; a label without either counts as I-. */
function tagOf(entity: string): { begins: boolean; tag: string } {
  const isTagged = /^[BI]-/.test(entity)
  return { begins: entity.startsWith('B-'), tag: isTagged ? entity.slice(2) : entity }
}

function groupLabelled(entities: readonly Labelled[], { join }: Aggregation): EntityGroup[] {
  const groups: Labelled[][] = []
  for (const entity of entities) {
    const { begins, tag } = tagOf(entity.entity)
    const last = groups.at(-1)?.at(-1)
    if (last && tag === tagOf(last.entity).tag && !begins) groups.at(-1)!.push(entity)
    else groups.push([entity])
  }
  return groups.map(group => ({
    entity_group: group[0]!.entity.replace(/^[^-]*-/, ''),
    score: mean(group.map(({ score }) => score)),
    word: join(group.map(({ word }) => word)),
    start: group[0]!.start,
    end: group.at(-1)!.end,
  }))
}

/** Entities of pieces of a text that overlap: of two in the same place the longer one stays, then the one with the higher score. */
export function withoutOverlaps(entities: readonly EntityGroup[]): EntityGroup[] {
  const kept: EntityGroup[] = []
  for (const entity of entities.toSorted((a, b) => a.start! - b.start!)) {
    const previous = kept.at(-1)
    if (!previous || previous.start! > entity.start! || entity.start! >= previous.end!) kept.push(entity)
    else if (isBetter(entity, previous)) kept[kept.length - 1] = entity
  }
  return kept
}

function isBetter(entity: EntityGroup, previous: EntityGroup): boolean {
  const longer = entity.end! - entity.start! - (previous.end! - previous.start!)
  return longer > 0 || (longer === 0 && entity.score > previous.score)
}
