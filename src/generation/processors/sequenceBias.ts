// Scores that are added where a run of tokens would be complete, and runs that must not come.
import { tokenIds, tokenRuns, valueFault } from '../values.ts'
import { checkVocabulary, LogitsProcessor, type ProcessorInput } from './processor.ts'

/** Pairs of a run of tokens and a number. */
export type SequenceBias = readonly (readonly [ids: readonly number[], bias: number])[]

/** Adds each run's number to the score of its last token where the tokens before it are there. */
export class SequenceBiasLogitsProcessor extends LogitsProcessor {
  readonly sequence_bias: SequenceBias
  /** Of two numbers for one token the later one counts; numbers of longer runs are added up. */
  readonly #single: ReadonlyMap<number, number>
  readonly #longer: SequenceBias
  readonly #name: string
  #checked = 0

  /** Throws ConfigError GENERATION_VALUE. */
  constructor(sequence_bias: SequenceBias, name = 'sequence_bias') {
    super()
    if (!Array.isArray(sequence_bias) || sequence_bias.length === 0) {
      throw valueFault(name, sequence_bias, 'a list, not empty, of pairs: a run of token ids and a number')
    }
    for (const [ids, bias] of sequence_bias as SequenceBias) {
      tokenRuns(name, [ids])
      if (typeof bias !== 'number' || Number.isNaN(bias)) throw valueFault(name, bias, 'a number behind each run')
    }
    this.sequence_bias = sequence_bias
    this.#single = new Map(this.sequence_bias.flatMap(([run, bias]) => (run.length === 1 ? [[run[0]!, bias]] : [])))
    this.#longer = this.sequence_bias.filter(([run]) => run.length > 1)
    this.#name = name
  }

  override process({ ids, logits }: ProcessorInput): void {
    if (this.#checked !== logits.length) this.#check(logits.length)
    const added = new Map(this.#single)
    for (const [run, bias] of this.#longer) {
      const last = run.at(-1)!
      if (isNext(ids, run)) added.set(last, (added.get(last) ?? 0) + bias)
    }
    for (const [id, bias] of added) logits[id]! += bias
  }

  #check(vocabulary: number): void {
    checkVocabulary(this.#name, new Set(this.sequence_bias.flatMap(([run]) => run)), vocabulary)
    this.#checked = vocabulary
  }
}

/** Whether the ids end with all of the run but its last token. As in Hugging Face, they must be as many as the run. */
function isNext(ids: Int32Array, run: readonly number[]): boolean {
  const before = run.length - 1
  if (run.length > ids.length) return false
  for (let i = 0; i < before; i++) if (run[i] !== ids[ids.length - before + i]) return false
  return true
}

/** Forbids the last token of each run where the run would be complete. */
export class NoBadWordsLogitsProcessor extends LogitsProcessor {
  readonly #bias: SequenceBiasLogitsProcessor | undefined

  /** A run that is nothing but a token that ends texts does not count. Throws ConfigError GENERATION_VALUE. */
  constructor(bad_words_ids: readonly (readonly number[])[], eos_token_id: number | readonly number[] = []) {
    super()
    const ends = new Set(tokenIds('eos_token_id', eos_token_id))
    const runs = tokenRuns('bad_words_ids', bad_words_ids).filter(run => run.length > 1 || !ends.has(run[0]!))
    const forbidden = runs.map(run => [run, -Infinity] as const)
    this.#bias = runs.length === 0 ? undefined : new SequenceBiasLogitsProcessor(forbidden, 'bad_words_ids')
  }

  override process(input: ProcessorInput): void {
    this.#bias?.process(input)
  }
}
