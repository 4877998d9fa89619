// Models by the name of their class, as the golden files tell it.
import { modelClasses } from '../../models/auto.ts'
import type { FromPretrainedOptions, PreTrainedModel } from '../../src/index.ts'
import { type GoldenTensor, nestedOf } from '../golden.ts'

export type LoadModel = (folder: string, options: FromPretrainedOptions) => Promise<PreTrainedModel>

const classes: readonly { readonly name: string; readonly from_pretrained: LoadModel }[] = [
  ...modelClasses.bert,
  ...modelClasses.gpt2,
]

export function loaderOf(name: string): LoadModel {
  const found = classes.find(item => item.name === name)
  if (!found) throw new Error(`there is no class ${name}`)
  return (folder, options) => found.from_pretrained(folder, options)
}

/** Inputs in the form in which users have them: nested arrays. */
export function inputsOf(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(inputs)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'object' ? nestedOf(value as GoldenTensor) : value]),
  )
}

export function run(model: PreTrainedModel, inputs: object): Record<string, unknown> {
  return { ...(model.forward(inputs as never) as object) }
}
