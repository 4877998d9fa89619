// What the weights of a model are kept as, and whether there is room for them: settled before anything is read.
import type { Backend } from '../backend.ts'
import type { WeightDType } from '../dtype.ts'
import { VitrineError } from '../errors.ts'
import type { Module } from './module.ts'
import { ModuleList } from './moduleList.ts'
import type { Parameter } from './parameter.ts'

/** Share of all memory that stays free, for what the model computes. */
const shareToCompute = 1 / 64

/** Share of a model's layers, from the first on, that bear four bits: what later ones lose is not made good any more. */
const bearingShare = 0.6

/**
 * Weights of products and the table of the words are kept as `dtype`; biases, normalisations and the other tables, which are
 * small, in full. As 'q4' only the products of the first layers are: the later ones, the table and the heads are int8.
 * Throws VitrineError OUT_OF_MEMORY for a model that the back end has no room for, with the numbers and the kinds of weights
 * that would fit.
 */
export function keepAs(model: Module, words: Parameter, dtype: WeightDType, backend: Backend): void {
  const first = inFirstLayers(model)
  const kindAs = (dtype: WeightDType, parameter: Parameter): WeightDType => {
    const isProduct = parameter.form === 'linear' || parameter.form === 'conv1d'
    if (!isProduct && parameter !== words) return 'float32'
    return dtype === 'q4' && !first.has(parameter) ? 'int8' : dtype
  }
  const parameters = [...model.parameters()]
  const bytesAs = (dtype: WeightDType) =>
    parameters.reduce((sum, each) => sum + backend.weightBytes(each.shape, each.form, kindAs(dtype, each)), 0)
  const { bytes: used, capacity } = backend
  const fits = (dtype: WeightDType) => used + bytesAs(dtype) <= capacity * (1 - shareToCompute)
  if (!fits(dtype)) {
    const smaller = backend.weightDTypes.slice(backend.weightDTypes.indexOf(dtype) + 1).filter(fits)
    const ways = smaller.map(kind => `dtype: '${kind}' needs ${sizeText(bytesAs(kind))}`)
    const needed = bytesAs(dtype)
    const what = `${model.constructor.name} needs ${sizeText(needed)} for its weights as ${dtype}`
    const taken = used > 0 ? `, of which ${sizeText(used)} are in use` : ''
    const message = `${what}; the back end ${backend.name} has room for ${sizeText(capacity)}${taken}`
    throw new VitrineError('OUT_OF_MEMORY', message, {
      ...{ needed, used, limit: capacity },
      hint: ways.join('; ') || 'no kind of weights makes it fit: free other models, or take a smaller one',
    })
  }
  for (const parameter of parameters) parameter.dtype = kindAs(dtype, parameter)
}

/** The weights in the first layers of every list of layers. */
function inFirstLayers(model: Module): ReadonlySet<Parameter> {
  const found = new Set<Parameter>()
  for (const [, list] of model.named_modules()) {
    if (!(list instanceof ModuleList)) continue
    const layers = Array.from(list.named_children(), ([, layer]) => layer)
    const count = Math.max(1, Math.floor(bearingShare * layers.length))
    for (const layer of layers.slice(0, count)) for (const parameter of layer.parameters()) found.add(parameter)
  }
  return found
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}
