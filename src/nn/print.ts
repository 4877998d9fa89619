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
export function treeText(module: Module, { profile = 'course' }: PrintOptions = {}): string {
  if (!Object.hasOwn(profiles, profile)) {
    const known = Object.keys(profiles)
    const near = nearestName(String(profile), known)
    throw new ConfigError('UNKNOWN_PROFILE', `there is no print profile '${String(profile)}'`, {
      hint: near ? `did you mean '${near}'?` : `known: ${known.join(', ')}`,
    })
  }
  return moduleText(module, profiles[profile])
}

/** Writes a module's tree, or a tensor's values, to standard output as Python's print does, and returns the text. */
export function print(value: Module | Tensor, options: PrintOptions = {}): string {
  const text = value instanceof Tensor ? String(value) : treeText(value, options)
  process.stdout.write(`${text}\n`)
  return text
}

function moduleText(module: Module, profile: PrintProfile): string {
  const children = Array.from(module.named_children(), ([name, child]) => [name, moduleText(child, profile)] as const)
  const lines = module.foldsAlike()
    ? foldedLines(children)
    : children.map(([name, text]) => `(${name}): ${indented(text)}`)
  return frame(module.printName(profile), module.extraRepr(profile), lines)
}

/** Neighbours that print alike share one line: `(0-11): 12 x BertLayer(`. */
function foldedLines(children: readonly (readonly [name: string, text: string])[]): string[] {
  const runs: { text: string; names: string[] }[] = []
  for (const [name, text] of children) {
    const run = runs.at(-1)
    if (run?.text === text) run.names.push(name)
    else runs.push({ text, names: [name] })
  }
  return runs.map(({ text, names }) => {
    const [key, count] = names.length === 1 ? [names[0], ''] : [`${names[0]}-${names.at(-1)}`, `${names.length} x `]
    return `(${key}): ${count}${indented(text)}`
  })
}

function frame(name: string, extra: string, lines: readonly string[]): string {
  if (lines.length === 0) return `${name}(${extra})`
  const body = [...(extra ? [extra] : []), ...lines].map(line => `  ${line}\n`).join('')
  return `${name}(\n${body})`
}

/** All lines but the first two spaces to the right. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n  ')
}
