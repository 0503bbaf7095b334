/**
 * Time from importing a library to its first answers, in a process of its own: import, start, softmax's weights from disk, an answer,
 * the CNN's weights, an answer. Prints milliseconds. peers.ts copies it to the benchmark of libraries; as JavaScript, so that what
 * strips types takes no part in it.
 *
 * usage: node first-answer.mjs PEER      one of the benchmark's registry
 */

import { loadWeights } from '../lib/common.mjs'
import { getImpl } from '../lib/registry.mjs'

const PIXELS = 784

const start = performance.now()
const implementation = await getImpl(process.argv[2])
await implementation.init()
for (const model of ['lr', 'cnn']) {
  const { infer1 } = await implementation.load(model, loadWeights(model))
  await infer1(new Float32Array(PIXELS).fill(0.5))
}
console.log(performance.now() - start)
process.exit(0) // some keep threads
