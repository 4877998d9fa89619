// The options of from_pretrained that are fields of the config: num_labels, id2label and the like.
import { ConfigError, nearestName } from '../src/errors.ts'
import { hubOptionNames } from '../src/hub/options.ts'
import { checkpointOptionNames } from './checkpointOptions.ts'
import type { ConfigClass } from './config.ts'
import type { ConfigJson } from './configReader.ts'

/** What from_pretrained takes beside them. */
const optionNames = [
  ...['backend', 'dtype', 'seed', 'torch_dtype', 'output_loading_info'],
  ...checkpointOptionNames,
  ...hubOptionNames,
]

/**
 * The fields as config.json would have them, for a class called `owner`. Throws ConfigError UNKNOWN_OPTION for what is
 * none.
 */
export function configFields(
  fields: ConfigJson,
  json: ConfigJson,
  config_class: ConfigClass,
  owner: string,
): ConfigJson {
  const { attribute_map } = config_class
  const fieldNames = [...Object.keys(json), ...Object.keys(new config_class()), ...Object.keys(attribute_map)]
  const known = new Set([...fieldNames, 'num_labels', 'classifier_dropout'])
  const unknown = Object.keys(fields).find(name => !known.has(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, [...known, ...optionNames])
    const message = `${owner}.from_pretrained: there is no option or config field '${unknown}'`
    throw new ConfigError('UNKNOWN_OPTION', message, {
      hint: near ? `did you mean '${near}'?` : `options: ${optionNames.join(', ')}, and the fields of config.json`,
    })
  }
  const aliased = Object.entries(fields).map(([name, value]) => [attribute_map[name] ?? name, value])
  const labels = 'num_labels' in fields && !('id2label' in fields) ? { id2label: null, label2id: null } : {}
  return { ...labels, ...Object.fromEntries(aliased) }
}
