// The text of a module tree, byte for byte as PyTorch's print(model) writes it (torch/nn/modules/module.py and
// container.py).
import { ConfigError, nearestName } from '../errors.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Module } from './module.ts'

/** What differs in the printed text between versions of the Python libraries. */
export interface PrintProfile {
  /** LayerNorm says `bias=True`: torch 2.12 and later. */
  readonly layerNormBias: boolean
  /** The class name of BERT's attention. */
  readonly bertSelfAttention: 'BertSdpaSelfAttention' | 'BertSelfAttention'
}

const profiles = {
  /** The course note's: transformers 4.4x and 4.5x with sdpa attention, torch before 2.12. */
  course: { layerNormBias: false, bertSelfAttention: 'BertSdpaSelfAttention' },
  'hf-4.57': { layerNormBias: true, bertSelfAttention: 'BertSdpaSelfAttention' },
  'hf-4.57-eager': { layerNormBias: true, bertSelfAttention: 'BertSelfAttention' },
  'hf-5': { layerNormBias: true, bertSelfAttention: 'BertSelfAttention' },
} as const satisfies Record<string, PrintProfile>

export type PrintProfileName = keyof typeof profiles

export const profileNames = Object.keys(profiles) as readonly PrintProfileName[]

export interface PrintOptions {
  /**
   * Whose text: 'course' (the default), 'hf-4.57' and 'hf-4.57-eager' (transformers 4.57 with torch 2.13), 'hf-5'
   * (transformers 5 with torch 2.13).
   */
  profile?: PrintProfileName
}

/** The tree of `module`. Throws ConfigError UNKNOWN_PROFILE. */
export function treeText(module: Module, options: PrintOptions = {}): string {
  return textOf(treeLines(module, options))
}

/** Writes a module's tree, or a tensor's values, to standard output as Python's print does, and returns the text. */
export function print(value: Module | Tensor, options: PrintOptions = {}): string {
  const text = value instanceof Tensor ? String(value) : treeText(value, options)
  process.stdout.write(`${text}\n`)
  return text
}

/** A line of a printed tree. */
export interface TreeLine {
  readonly text: string
  /** The modules that the line begins: several where neighbours share it, none for lines that go on or end one. */
  readonly modules: readonly Module[]
}

/** The lines of a module's tree. Throws ConfigError UNKNOWN_PROFILE. */
export function treeLines(module: Module, { profile = 'course' }: PrintOptions = {}): TreeLine[] {
  if (!Object.hasOwn(profiles, profile)) {
    const known = Object.keys(profiles)
    const near = nearestName(String(profile), known)
    throw new ConfigError('UNKNOWN_PROFILE', `there is no print profile '${String(profile)}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
    })
  }
  return moduleLines(module, profiles[profile])
}

/** A child's name and its lines; or that of several which print alike, whose lines belong to all of them. */
interface Branch {
  readonly key: string
  readonly lines: readonly TreeLine[]
}

function moduleLines(module: Module, profile: PrintProfile): TreeLine[] {
  const children = Array.from(module.named_children(), ([key, child]) => ({ key, lines: moduleLines(child, profile) }))
  const branches = module.foldsAlike() ? folded(children) : children
  const [name, extra] = [module.printName(profile), module.extraRepr(profile)]
  if (branches.length === 0) return [{ text: `${name}(${extra})`, modules: [module] }]
  return [
    { text: `${name}(`, modules: [module] },
    ...(extra ? [{ text: `  ${extra}`, modules: [] }] : []),
    ...branches.flatMap(({ key, lines }) =>
      lines.map(({ text, modules }, i) => ({ text: i === 0 ? `  (${key}): ${text}` : `  ${text}`, modules })),
    ),
    { text: ')', modules: [] },
  ]
}

/** Neighbours that print alike share one line: `(0-11): 12 x BertLayer(`. */
function folded(children: readonly Branch[]): Branch[] {
  const runs: Branch[][] = []
  for (const child of children) {
    const run = runs.at(-1)
    if (run?.[0] && textOf(run[0].lines) === textOf(child.lines)) run.push(child)
    else runs.push([child])
  }
  return runs.map(run => {
    const [first, last] = [run[0]!, run.at(-1)!]
    if (run.length === 1) return first
    const lines = first.lines.map(({ text }, i) => ({
      text: i === 0 ? `${run.length} x ${text}` : text,
      modules: run.flatMap(branch => branch.lines[i]!.modules),
    }))
    return { key: `${first.key}-${last.key}`, lines }
  })
}

function textOf(lines: readonly TreeLine[]): string {
  return lines.map(({ text }) => text).join('\n')
}
