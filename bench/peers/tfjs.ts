// tfjs-node at its best: the same program with TensorFlow's own operations where the public functions are slow.
import type { Peer } from './engine.ts'
import { notInstalled } from './installed.ts'
import { openTf, type Recipes, type TF, type TfTensor, tfEnvironment } from './tfjsEngine.ts'
import { plainRecipes } from './tfjsPlain.ts'

export const tfjs: Peer = {
  name: 'tfjs-best',
  models: ['gpt2', 'bert'],
  dtypes: ['float32'],
  missing: () => notInstalled('tfjs'),
  environment: tfEnvironment,
  open: options => openTf(options, bestRecipes, 'best recipe (raw MatMul, _MklLayerNorm)'),
}

interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** The back end of tfjs-node, which can run any operation of TensorFlow by name. */
interface NodeBackend {
  readonly binding: Readonly<
    Record<'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_FLOAT', number>
  >
  /** The result belongs to the innermost tidy, as that of a public function does. */
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly TfTensor[]): TfTensor
}

function bestRecipes(tf: TF): Recipes {
  const backend = tf.backend() as NodeBackend
  const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_FLOAT } = backend.binding
  const float = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }
  const run = (name: string, attributes: readonly Attribute[], inputs: readonly TfTensor[]) =>
    backend.executeSingleOutput(name, [float, ...attributes], inputs)
  const asItIs = ['transpose_a', 'transpose_b'].map(name => ({ name, type: TF_ATTR_BOOL, value: false }))
  const plain = plainRecipes(tf)
  const norm: Recipes['norm'] = (x, gain, shift, epsilon) =>
    run(
      '_MklLayerNorm',
      [
        { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
        { name: '_kernel', type: TF_ATTR_STRING, value: '' },
      ],
      [x, gain, shift],
    )
  const constants = [0.5, Math.SQRT1_2, 1, 0.044715, Math.sqrt(2 / Math.PI)].map(value =>
    tf.tensor(Float32Array.of(value), []),
  ) as [TfTensor, TfTensor, TfTensor, TfTensor, TfTensor]
  const [half, rootHalf, one, cubic, factor] = constants
  const mul = (a: TfTensor, b: TfTensor) => run('Mul', [], [a, b])
  const add = (a: TfTensor, b: TfTensor) => run('AddV2', [], [a, b])
  return {
    product: (x, w, b) => run('BiasAdd', [], [run('MatMul', asItIs, [x, w]), b]),
    norm: works(() => tf.tidy(() => norm(tf.ones([2, 8]), tf.ones([8]), tf.ones([8]), 1e-5))) ? norm : plain.norm,
    gelu: x => mul(mul(x, half), add(run('Erf', [], [mul(x, rootHalf)]), one)),
    geluTanh: x => mul(mul(x, half), add(run('Tanh', [], [mul(add(x, mul(mul(mul(x, x), x), cubic)), factor)]), one)),
  }
}

/** Whether an operation that only some builds have can be run. */
function works(probe: () => TfTensor): boolean {
  try {
    probe().dispose()
    return true
  } catch {
    return false
  }
}
