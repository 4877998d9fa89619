// What `vitrine doctor` tells about tfjs-node: where it is, its versions, whether oneDNN is on, or what is missing.
import { spawnSync } from 'node:child_process'
import { VitrineError } from '../../errors.ts'
import { findTfjs } from './load.ts'

export type TfjsFacts =
  | {
      readonly isThere: true
      /** The folder of the package. */
      readonly folder: string
      readonly tfjsNode: string
      readonly libtensorflow: string
      /** Whether TensorFlow uses oneDNN here: TF_ENABLE_ONEDNN_OPTS decides, and where it is not set the processor. */
      readonly oneDnn: boolean
    }
  /** `message` ends with the command that installs it. */
  | { readonly isThere: false; readonly message: string }

/** Looks, and asks TensorFlow in a process of its own; takes about a second. */
export function tfjsFacts(): TfjsFacts {
  try {
    const { tfjs, path, folder } = findTfjs()
    const libtensorflow = tfjs.findBackend('tensorflow')?.binding.TF_Version ?? 'unknown'
    return {
      isThere: true,
      folder,
      tfjsNode: tfjs.version['tfjs-node'] ?? 'unknown',
      libtensorflow,
      oneDnn: usesOneDnn(path),
    }
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'BACKEND_MISSING')
      return { isThere: false, message: error.message }
    throw error
  }
}

/** TensorFlow says so on stderr when it starts, and nowhere else. */
function usesOneDnn(path: string): boolean {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' }
  const { stderr } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(path)})`], { env, encoding: 'utf8' })
  return stderr.includes('oneDNN custom operations are on')
}
