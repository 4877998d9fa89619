// The little of @tensorflow/tfjs-node that is used, declared here: it is no dependency, so its own types are not there.

/** A tensor of tfjs, as far as it is looked at. Its users hand it to tf's functions, or call its methods. */
export interface TfjsTensor {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly dataId: object
  readonly isDisposed: boolean
  dataSync(): Float32Array | Int32Array | Uint8Array
  dispose(): void
}

/** A tensor inside TensorFlow: its number there, and what it is. */
export interface TfHandle {
  readonly id: number
  readonly shape: readonly number[]
  /** One of TF_FLOAT, TF_INT32 and so on. */
  readonly dtype: number
}

export interface TfAttribute {
  readonly name: string
  readonly type: number
  readonly value: number | boolean | string
}

type TypeNumber = 'TF_FLOAT' | 'TF_INT32' | 'TF_BOOL' | 'TF_UINT8'
type AttributeNumber = 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING'

/** The native part: TensorFlow's eager operations by name. */
export interface TfBinding extends Readonly<Record<TypeNumber | AttributeNumber, number>> {
  readonly TF_Version: string
  /** Takes over the array when it lies on a multiple of 64 bytes, else copies it. */
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number
  deleteTensor(id: number): void
  /** A copy. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array
  executeOp(
    name: string,
    attributes: readonly TfAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): readonly TfHandle[]
  getNumOfTensors(): number
}

/** What tf.findBackend('tensorflow') gives. */
export interface TfKernelBackend {
  readonly binding: TfBinding
  /** A tensor that owns the handle from then on, in the innermost tidy. */
  createOutputTensor(handle: TfHandle): TfjsTensor
  getInputTensorIds(tensors: readonly TfjsTensor[]): number[]
  readonly tensorMap: { has(dataId: object): boolean }
}

/** The module itself. */
export interface TfjsNode {
  readonly version: Readonly<Record<string, string>>
  getBackend(): string
  findBackend(name: 'tensorflow'): TfKernelBackend | null
  memory(): { readonly numTensors: number; readonly numBytes: number }
}
