// The fill-mask pipeline (transformers/pipelines/fill_mask.py): texts with [MASK] in, likely tokens out.
import { AutoModelForMaskedLM } from '../../models/auto.ts'
import type { PreTrainedModel } from '../../models/pretrained.ts'
import { ConfigError, InputError } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { warnOnce } from '../warnings.ts'
import { inBatches, type PaddedBatch, padRows, tokenRowsOf } from './batches.ts'
import { checkWhole, optionFault } from './options.ts'
import { ranking, softmaxOf } from './scores.ts'
import { type SharedOptions, type Stream, TaskPipeline } from './task.ts'
import { type EncodedRow, encodeText, withTokens } from './tokenizer.ts'

export interface FilledMask {
  /** Probability of the token. */
  score: number
  token: number
  token_str: string
  /** The text with the token in the place of the mask. */
  sequence: string
}

/** The likely tokens of a text with one mask, or a list of them for each of several masks. */
export type FillMaskResult = FilledMask[] | FilledMask[][]

export interface FillMaskOptions extends SharedOptions {
  /** So many tokens; 5 unless given. */
  top_k?: number
  /** Choose among these tokens only. A text that is no token counts as its first token, with a warning. */
  targets?: string | readonly string[]
  /** Options for the tokenizer, such as `{ truncation: true }`. */
  tokenizer_kwargs?: Readonly<Record<string, unknown>>
}

/** A model that gives logits (B, T, V). */
export type MaskedModel = PreTrainedModel & { forward(inputs: PaddedBatch): { logits: Tensor } }

export interface FillMaskPipeline {
  /** A list gives a list, also when it has one text, which Hugging Face unwraps. Throws InputError NO_MASK. */
  (text: string, options?: FillMaskOptions): Promise<FillMaskResult>
  (texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskResult[]>
  (texts: Stream<string>, options?: FillMaskOptions): AsyncGenerator<FillMaskResult>
  (texts: string | readonly string[], options?: FillMaskOptions): Promise<FillMaskResult | FillMaskResult[]>
}

/** Guesses masked tokens. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export class FillMaskPipeline extends TaskPipeline<MaskedModel, string, FillMaskOptions, FillMaskResult> {
  static override readonly task = 'fill-mask'
  static override readonly models = AutoModelForMaskedLM
  static override readonly shortening = 'pass { tokenizer_kwargs: { truncation: true } }'
  static override readonly options = ['top_k', 'targets', 'tokenizer_kwargs', 'batch_size']

  protected override check({ top_k }: FillMaskOptions): void {
    checkWhole(this.task, 'top_k', top_k, 1)
    if (this.tokenizer.mask_token_id !== undefined) return
    throw new ConfigError('NO_MASK_TOKEN', `${this.task}: the tokenizer has no mask_token`)
  }

  protected override async process(texts: readonly string[], options: FillMaskOptions): Promise<FillMaskResult[]> {
    const rows = texts.map(text => this.#encode(text, options))
    const targets = options.targets === undefined ? undefined : this.#targetIds(options.targets)
    const vectors = await inBatches(
      rows.map(row => [row]),
      options,
      batch => this.#logits(batch),
    )
    return rows.map((row, i) => this.#results(row, vectors[i]![0]!, targets, options.top_k ?? 5))
  }

  #encode(text: string, { tokenizer_kwargs = {} }: FillMaskOptions): EncodedRow {
    const row = encodeText(this.tokenizer, text, tokenizer_kwargs, this.task)
    if (this.#masksOf(row).length > 0) return row
    const name = this.tokenizer.mask_token ?? '[MASK]'
    throw new InputError('NO_MASK', `${this.task}: there is no ${name} in ${JSON.stringify(text.slice(0, 60))}`, {
      hint: text.includes(name) ? 'it was cut off by truncation' : `put ${name} where a token is to be guessed`,
    })
  }

  /** The places of the masks in a row. */
  #masksOf({ input_ids }: EncodedRow): number[] {
    return input_ids.flatMap((id, place) => (id === this.tokenizer.mask_token_id ? [place] : []))
  }

  /** The logits at each row's masks. */
  #logits(rows: readonly EncodedRow[]): Float32Array[][] {
    return this.model.backend.scope(() => {
      const { logits } = this.model.forward(padRows(rows, this.tokenizer))
      const all = tokenRowsOf(logits, rows, this.tokenizer.padding_side)
      return rows.map((row, i) => this.#masksOf(row).map(place => all[i]![place]!))
    })
  }

  #results(
    row: EncodedRow,
    logits: readonly Float32Array[],
    targets: readonly number[] | undefined,
    top_k: number,
  ): FillMaskResult {
    const places = this.#masksOf(row)
    const results = places.map((place, i) => {
      const scores = softmaxOf(logits[i]!)
      const candidates = targets ?? scores.map((_, token) => token)
      const best = ranking(candidates.map(token => scores[token]!)).slice(0, top_k)
      return best.map((j): FilledMask => {
        const token = candidates[j]!
        const filled = row.input_ids.with(place, token).filter(id => id !== this.tokenizer.pad_token_id)
        // With several masks the others are to be seen, so special tokens stay.
        const sequence = this.tokenizer.decode(filled, { skip_special_tokens: places.length === 1 })
        return { score: scores[token]!, token, token_str: this.tokenizer.decode([token]), sequence }
      })
    })
    return results.length === 1 ? results[0]! : results
  }

  /** Throws ConfigError OPTION_VALUE when nothing is left. */
  #targetIds(targets: string | readonly string[]): number[] {
    const ids = [targets].flat().flatMap(target => this.#targetId(target))
    if (ids.length > 0) return [...new Set(ids)]
    throw optionFault(this.task, 'targets', 'targets names no token')
  }

  #targetId(target: string): number[] {
    const known = this.tokenizer.get_vocab?.().get(target)
    if (known !== undefined) return [known]
    const [first] = encodeText(this.tokenizer, target, { add_special_tokens: false }, this.task).input_ids
    const stands = (id: number): string => `'${withTokens(this.tokenizer, this.task).convert_ids_to_tokens(id)}'`
    const instead = first === undefined ? 'it is left out' : `${stands(first)} stands for it`
    warnOnce('FILL_MASK_TARGET', `${this.task}: '${target}' is not a token of the vocabulary; ${instead}.`)
    return first === undefined ? [] : [first]
  }
}
