// generate() gives Hugging Face's tokens and all that comes with them, on every back end, under all recorded options.
import { expect, test } from 'vitest'
import { buildChain } from '../../src/generation/processors/build.ts'
import {
  AutoTokenizer,
  DisjunctiveConstraint,
  type GenerateBeamDecoderOnlyOutput as GenerateOutput,
  GenerationConfig,
  type GenerationOptions,
  type GenerationValues,
  GPT2LMHeadModel,
  PhrasalConstraint,
  type Tensor,
} from '../../src/index.ts'
import { onPlainBackends, tolerances } from '../backends.ts'
import { expectClose, type GoldenTensor, golden, goldenPath, nestedOf, numbersOf } from '../golden.ts'
import { expectScores } from './scores.ts'

interface Case {
  readonly name: string
  readonly input_ids: GoldenTensor
  readonly attention_mask: GoldenTensor | null
  readonly inputs_embeds?: GoldenTensor
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly sequences: GoldenTensor
  readonly sequences_scores?: GoldenTensor
  readonly beam_indices?: GoldenTensor
  /** (steps, rows, V) */
  readonly scores?: GoldenTensor
  readonly logits?: GoldenTensor
  readonly attentions?: readonly (readonly GoldenTensor[])[]
  readonly hidden_states?: readonly (readonly GoldenTensor[])[]
  /** As they are, and normalised. */
  readonly transition_scores?: readonly [GoldenTensor, GoldenTensor]
  readonly error?: string
  /** What set_seed was called with before. */
  readonly seed?: number
}

interface WarpCase {
  readonly kwargs: GenerationValues
  readonly input_ids: GoldenTensor
  readonly logits: GoldenTensor
  readonly scores: GoldenTensor
}

const { cases, warped } = golden<{ cases: readonly Case[]; warped: readonly WarpCase[] }>('generate/gpt2-lm.json')
const outputs = golden<{ cases: readonly Case[] }>('generate/outputs.json').cases
const inputs = golden<{ cases: readonly Case[] }>('generate/inputs.json').cases
const searches =
  golden<Readonly<Record<'contrastive' | 'groups' | 'constrained' | 'dola', readonly Case[]>>>('generate/searches.json')
const seeded = golden<{ cases: readonly Case[] }>('generate/seeded.json').cases
const { padded } = golden<{ padded: readonly Case[] }>('generate/newer.json')

/** Searches that transformers 4.57 refuses: what its older versions gave for them is in searches.json. */
const goldenCases = [
  ...cases,
  ...outputs,
  ...inputs,
  ...Object.values(searches).slice(1).flat(),
  ...padded,
  ...seeded,
].filter(item => item.error === undefined)

test('there are enough cases', () => expect(goldenCases.length).toBeGreaterThanOrEqual(150))

onPlainBackends('generate()', (backend, name) => {
  const folder = goldenPath('weights/gpt2-lm')
  const tolerance = tolerances[name]
  const load = () => GPT2LMHeadModel.from_pretrained(folder, { backend })

  test.each(goldenCases.map(item => [item.name, item] as const))('%s', async (title, item) => {
    using model = await load()
    const before = backend.live
    const { kwargs, input_ids, attention_mask } = item
    const ids = nestedOf(input_ids) as number[][]
    const { assistant, past, inputs_embeds, tokenizer, constraints, input_ids: beside, ...others } = kwargs
    using other = title.includes('another') ? await otherModel(backend) : undefined
    const isAssisted = assistant !== undefined || title.startsWith('assistant')
    const cache = past === undefined ? undefined : model.forward({ input_ids: past as number[], use_cache: true })
    const options = {
      ...others,
      return_dict_in_generate: true,
      ...(item.seed !== undefined && { seed: item.seed }),
      ...(isAssisted && { assistant_model: other ?? model }),
      ...(tokenizer !== undefined && { tokenizer: await AutoTokenizer.from_pretrained(folder) }),
      ...(constraints !== undefined && { constraints: objectsOf(constraints as ConstraintItem[]) }),
    } as GenerationOptions & { return_dict_in_generate: true }
    const embeds = item.inputs_embeds && (nestedOf(item.inputs_embeds) as number[][][])
    const found = await model.generate(
      {
        ...(embeds ? { inputs_embeds: embeds } : { input_ids: ids }),
        ...(beside !== undefined && { input_ids: beside as number[][] }),
        ...(attention_mask && { attention_mask: nestedOf(attention_mask) as number[][] }),
        ...(cache?.past_key_values && { past_key_values: cache.past_key_values }),
      },
      options,
    )
    expect(found.sequences.tolist()).toEqual(nestedOf(item.sequences))
    expectAll(model, found, item, tolerance)
    dispose(found)
    dispose(cache ?? {})
    expect(backend.live, 'tensors that stay').toBe(before + (other ? [...other.parameters()].length : 0))
  })
})

function otherModel(backend: Tensor['backend']): Promise<GPT2LMHeadModel> {
  return GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-model'), { backend })
}

type ConstraintItem = readonly ['phrasal', number[]] | readonly ['disjunctive', number[][]]

function objectsOf(list: readonly ConstraintItem[]): (PhrasalConstraint | DisjunctiveConstraint)[] {
  return list.map(item => (item[0] === 'phrasal' ? new PhrasalConstraint(item[1]) : new DisjunctiveConstraint(item[1])))
}

/** Everything that was recorded, within the tolerance. */
function expectAll(model: GPT2LMHeadModel, found: GenerateOutput, item: Case, tolerance: number): void {
  const { scores, logits, attentions, hidden_states, sequences_scores, beam_indices, transition_scores } = item
  const within = 20 * tolerance
  for (const [name, recorded] of Object.entries({ scores, logits })) {
    if (!recorded) continue
    const steps = found[name as 'scores' | 'logits']!
    expect(steps.map(step => step.shape)).toEqual(
      Array.from({ length: recorded.shape[0]! }, () => recorded.shape.slice(1)),
    )
    expectScores(
      steps.flatMap(step => Array.from(step.data)),
      numbersOf(recorded),
      within,
    )
  }
  for (const [name, recorded] of Object.entries({ attentions, hidden_states })) {
    if (!recorded) continue
    const steps = found[name as 'attentions' | 'hidden_states']!
    expect(steps.map(layers => layers.map(layer => layer.shape))).toEqual(
      recorded.map(layers => layers.map(layer => layer.shape)),
    )
    recorded.forEach((layers, step) => {
      for (const [i, layer] of layers.entries()) expectClose(steps[step]![i]!, layer, within, `${name}[${step}][${i}]`)
    })
  }
  if (sequences_scores) expectClose(found.sequences_scores!, sequences_scores, within, 'sequences_scores')
  // Hugging Face counts the beams of a group from its own first one, and finds them in the first group: ours are rows.
  const isGroup = item.kwargs.num_beam_groups !== undefined
  if (beam_indices && !isGroup) expect(found.beam_indices!.tolist()).toEqual(nestedOf(beam_indices))
  transition_scores?.forEach((recorded, i) => {
    const options = { beam_indices: found.beam_indices, normalize_logits: i === 1 }
    using own = model.compute_transition_scores(found.sequences, found.scores!, options)
    expect(own.shape).toEqual(recorded.shape)
    expectScores(own.data, numbersOf(recorded), within)
  })
}

function dispose(output: object): void {
  const free = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(free)
    else if (typeof value === 'object' && value !== null && 'dispose' in value) (value as Tensor).dispose()
  }
  Object.values(output).forEach(free)
}

test.each(warped.map(item => [JSON.stringify(item.kwargs), item.logits.shape[0], item] as const))(
  'scores after the processors of %s on %i rows',
  (_, count, { kwargs, input_ids, logits, scores }) => {
    const V = logits.shape[1]!
    const T = input_ids.shape[1]!
    const ids = Int32Array.from(numbersOf(input_ids))
    const rowOf = (row: number) => ids.subarray(row * T, (row + 1) * T)
    const chain = buildChain({
      ...{ config: new GenerationConfig({ do_sample: true, ...kwargs }), options: {}, eos: [], least: 0, most: T + 1 },
      ...{ promptLength: T, rowsOfPrompt: 1 },
      prompts: Array.from({ length: count! }, (_, row) => rowOf(row)),
      padding: new Array<number>(count!).fill(0),
      unconditional: () => () => new Float32Array(V),
    })
    const given = Float32Array.from(numbersOf(logits))
    for (let row = 0; row < count!; row++) {
      chain.apply({ ids: rowOf(row), logits: given.subarray(row * V, (row + 1) * V), step: 0, row })
    }
    expectScores(given, numbersOf(scores))
  },
)
