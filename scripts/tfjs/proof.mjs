// Loads tfjs-node as the back end does and computes a product. Prints what was found as JSON, or fails with the reason.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import util from 'node:util'

util.isNullOrUndefined ??= value => value === null || value === undefined
util.isArray ??= Array.isArray
process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'

const [folder] = process.argv.slice(2)
const tf = createRequire(join(folder, 'index.js'))('@tensorflow/tfjs-node')
const a = tf.tensor2d([
  [1, 2],
  [3, 4],
])
const b = tf.tensor2d([
  [5, 6],
  [7, 8],
])
const product = a.matMul(b).arraySync()
const backend = tf.getBackend()
if (backend !== 'tensorflow') throw new Error(`tfjs runs on '${backend}', not on TensorFlow`)
if (String(product) !== '19,22,43,50') throw new Error(`it computes wrongly: ${product}`)
const libtensorflow = tf.backend().binding.TF_Version
console.log(JSON.stringify({ tfjsNode: tf.version['tfjs-node'], libtensorflow }))
