// The loss that forward gives when labels come with the inputs (transformers/loss/loss_utils.py): how wrong the scores
// are, as one number.
import { InputError } from '../src/errors.ts'
import { type Shape, shapeText } from '../src/shape.ts'
import { Tensor } from '../src/tensor/tensor.ts'
import type { PretrainedConfig, ProblemType } from './config.ts'
import { type ChoicesLike, type Ids, type NumbersLike, readNumbers, readWholes } from './inputs.ts'

/** Classes by number, -100 for places that do not count; or, for regression and for several labels a text, numbers. */
export type LabelsLike = ChoicesLike | NumbersLike

/** The label of places that do not count. */
const ignored = -100

/**
 * A loss of scores (..., classes) against classes (...), or undefined without labels. Throws InputError LABEL_SHAPE or
 * LABEL_RANGE.
 */
export function classLoss(logits: Tensor, labels: LabelsLike | undefined, name = 'labels'): Tensor | undefined {
  if (labels === undefined) return undefined
  const classes = readClasses(labels, name, logits.shape.slice(0, -1))
  return crossEntropy(logits, classes, ignored, name)
}

/** The loss of scores (..., T, V) where each place predicts the next one's label (..., T). Throws as classLoss. */
export function nextTokenLoss(logits: Tensor, labels: LabelsLike | undefined): Tensor | undefined {
  if (labels === undefined) return undefined
  const classes = readClasses(labels, 'labels', logits.shape.slice(0, -1))
  const T = logits.shape.at(-2)!
  const next = classes.map((_, i) => (i % T === T - 1 ? ignored : classes[i + 1]!))
  return crossEntropy(logits, next, ignored, 'labels')
}

/**
 * The loss of a text classifier's scores (B, num_labels), by config.problem_type or else by the labels: the squared
 * error for one label; for several, cross entropy for classes (B), and for (B, num_labels) of zeros and ones that of
 * each label by itself. Tensors of int32 are always classes. Throws InputError LABEL_SHAPE, LABEL_RANGE and what
 * readNumbers throws.
 */
export function classifierLoss(
  logits: Tensor,
  labels: LabelsLike | undefined,
  config: PretrainedConfig,
): Tensor | undefined {
  if (labels === undefined) return undefined
  const type = config.problem_type ?? guessedType(labels, config.num_labels)
  if (type === 'single_label_classification') return classLoss(logits, labels)
  const { values, shape } = readNumbers(labels, 'labels')
  if (values.length !== logits.size) throw wrongShape('labels', shape, logits.shape)
  const error = type === 'regression' ? squaredError : binaryCrossEntropy
  let total = 0
  for (const [i, x] of logits.data.entries()) total += error(x, values[i]!)
  return logits.backend.tensor(total / values.length)
}

function guessedType(labels: LabelsLike, count: number): ProblemType {
  if (count === 1) return 'regression'
  const { shape } = readNumbers(labels, 'labels')
  const isClasses = (labels instanceof Tensor && labels.dtype === 'int32') || shape.at(-1) !== count || shape.length < 2
  return isClasses ? 'single_label_classification' : 'multi_label_classification'
}

function squaredError(x: number, y: number): number {
  return (x - y) ** 2
}

/** -y log(p) - (1 - y) log(1 - p) for p = sigmoid(x). */
function binaryCrossEntropy(x: number, y: number): number {
  return Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x)))
}

/**
 * The loss of an answer's ends: scores (B, T) each, places (B). Places outside of the text do not count. Throws as
 * classLoss.
 */
export function spanLoss(
  start: Tensor,
  end: Tensor,
  start_positions: LabelsLike | undefined,
  end_positions: LabelsLike | undefined,
): Tensor | undefined {
  if (start_positions === undefined || end_positions === undefined) return undefined
  const [B, T] = start.dims2()
  const loss = (scores: Tensor, given: LabelsLike, name: string): Tensor => {
    const places = readClasses(given, name, [B]).map(place => Math.min(Math.max(place, 0), T))
    return crossEntropy(scores, places, T, name)
  }
  return loss(start, start_positions, 'start_positions')
    .add(loss(end, end_positions, 'end_positions'))
    .div(2)
}

/** As many classes as `places` has elements; a single dim of 1 too many does no harm. */
function readClasses(labels: LabelsLike, name: string, places: Shape): Int32Array {
  const { values, shape }: Ids = readWholes(labels, name)
  const trimmed = (sizes: Shape): string => sizes.filter(size => size !== 1).join()
  if (trimmed(shape) !== trimmed(places)) throw wrongShape(name, shape, places)
  return values
}

function wrongShape(name: string, shape: Shape, wanted: Shape): InputError {
  return new InputError('LABEL_SHAPE', `${name}: expected the shape ${shapeText(wanted)}, got ${shapeText(shape)}`)
}

/** The mean of -log softmax(scores)[class] over the places that count; NaN when none does, as in torch. */
function crossEntropy(logits: Tensor, classes: Int32Array, ignore: number, name: string): Tensor {
  const count = logits.shape.at(-1)!
  const bad = classes.find(label => label !== ignore && (label < 0 || label >= count))
  if (bad !== undefined) {
    throw new InputError('LABEL_RANGE', `${name}: ${bad} is neither in 0..${count - 1} nor ${ignore} (does not count)`)
  }
  const { backend } = logits
  return backend.scope(() => {
    const places = backend.tensor(
      classes.map(label => (label === ignore ? 0 : label)),
      { shape: [classes.length, 1] },
    )
    const chosen = logits.reshape([classes.length, count]).logSoftmax().gather(1, places).data
    const kept = Array.from(chosen).filter((_, i) => classes[i] !== ignore)
    return backend.tensor(kept.reduce((sum, value) => sum - value, 0) / kept.length)
  })
}
