// A generation_config.json as Python writes it: keys in order, floats with a point, only ASCII.

import { PythonFloat, pythonJson } from '../pythonText.ts'

/** Parameters that are floats: Hugging Face takes no whole number for most of them. */
const floats: ReadonlySet<string> = new Set([
  ...['temperature', 'top_p', 'min_p', 'top_h', 'typical_p', 'epsilon_cutoff', 'eta_cutoff', 'diversity_penalty'],
  ...['repetition_penalty', 'encoder_repetition_penalty', 'length_penalty', 'penalty_alpha', 'guidance_scale'],
  ...['assistant_confidence_threshold', 'max_time', 'bias', 'factor'],
])

/** The text of a JSON file with these values. */
export function configText(values: Readonly<Record<string, unknown>>): string {
  const typed = Object.entries(values).map(([name, value]) => [name, withFloats(name, value)])
  return `${pythonJson(Object.fromEntries(typed))}\n`
}

/** The value with its floats named, since a JavaScript number does not tell 1 from 1.0. */
function withFloats(name: string, value: unknown): unknown {
  if (typeof value === 'number') return floats.has(name) ? new PythonFloat(value) : value
  if (!Array.isArray(value)) return value
  if (name === 'exponential_decay_length_penalty') return [value[0], withFloats('factor', value[1])]
  if (name !== 'sequence_bias') return value
  return value.map((pair: unknown) => (Array.isArray(pair) ? [pair[0], withFloats('bias', pair[1])] : pair))
}
