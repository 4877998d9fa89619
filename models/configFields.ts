// The fields of a config.json as options, for the compiler: those of BERT and of GPT-2, under all their names.
import type { BertConfig } from './bert.ts'
import type { GPT2Config } from './gpt2.ts'

type DataNames<Config> = {
  [Name in keyof Config]: Config[Name] extends (...args: never[]) => unknown ? never : Name
}[keyof Config]

type ConfigName = DataNames<BertConfig> | DataNames<GPT2Config> | keyof typeof GPT2Config.attribute_map

/** Fields that replace those of config.json: num_labels, id2label and so on. The config checks their values. */
export type ConfigFields = { readonly [Name in Exclude<ConfigName & string, 'json' | 'model_type'>]?: unknown }
