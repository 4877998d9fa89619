// The activation functions by Hugging Face's names: values and printed text.
import { expect, test } from 'vitest'
import { activation, activationNames, ConfigError, Parameter } from '../../src/index.ts'
import { initialize } from '../../src/nn/initialize.ts'
import { Generator } from '../../src/random/generator.ts'
import { onEachBackend } from '../backends.ts'
import { golden } from '../golden.ts'

type Value = number | string
interface Recorded {
  readonly x: readonly number[]
  readonly functions: Readonly<
    Record<string, { readonly float64: readonly Value[]; readonly float32: readonly Value[] }>
  >
}

const { x, functions } = golden<Recorded>('math/activations.json')
/** xielu learns its form and needs weights that no GPT-2 or BERT has. */
const names = Object.keys(functions).filter(name => name !== 'xielu')

test('every function of Hugging Face is there', () => {
  expect([...activationNames].sort()).toEqual(names.sort())
})

onEachBackend('activations', backend => {
  test.each(names)('%s', name => {
    const module = activation(name)
    for (const field of Object.values(module))
      if (field instanceof Parameter) initialize(field, backend, new Generator(1))
    const y = backend.scope(() => module.forward(backend.tensor([...x])).data)
    for (const [i, wanted] of functions[name]!.float64.entries()) {
      const truth = Number(wanted)
      expect(Math.abs(y[i]! - truth), `${name}(${x[i]})`).toBeLessThanOrEqual(3e-6 * Math.max(1, Math.abs(truth)))
    }
  })
})

test.each(['course', 'hf-4.57-sdpa', 'hf-5'])('activations print as in %s', file => {
  const { activations } = golden<{ activations: Readonly<Record<string, string>> }>(`prints/${file}.json`)
  const known = Object.entries(activations).filter(([name]) => activationNames.includes(name))
  expect(known.length).toBeGreaterThanOrEqual(19)
  for (const [name, text] of known) expect(String(activation(name)), name).toBe(text)
})

test('an unknown function is refused with the nearest name', () => {
  expect(() => activation('gelu_nwe')).toThrow(ConfigError)
  expect(() => activation('gelu_nwe')).toThrow("did you mean 'gelu_new'?")
  expect(() => activation('constructor')).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }))
})
