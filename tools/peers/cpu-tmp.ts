/**
 * Epochs of training as `inkling train` runs them, for the benchmark of libraries: the same networks, batches and optimizers as its
 * others, from images that are kept as bytes, one line of JSON per task. The others gather their batches from values.
 *
 * usage: training.ts FOLDER [TASK...], the unpacked MNIST, and which tasks
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseIdx } from '../../core/data/idx.ts'
import { initialize, trainableCount } from '../../core/models/layout.ts'
import { DEFAULT_RECIPE, type Recipe } from '../../core/models/recipe.ts'
import { Random } from '../../core/random.ts'
import { createOptimizer, optimizerMemory } from '../../core/training/optimizer.ts'
import { createShard, shardMemory } from '../../core/training/shard.ts'
import { nodeBackends } from '../../server/backend.ts'
import { LAYERS } from './inkling.ts'

const REPEATS = 40

const TASKS = [
  { model: 'lr', optimizer: 'sgd', rate: 0.1, batch: 100, epochs: 1 },
  { model: 'mlpB', optimizer: 'adam', rate: 1e-3, batch: 100, epochs: 1 },
  { model: 'cnn', optimizer: 'adam', rate: 1e-3, batch: 100, epochs: 1 },
  { model: 'mlpA', optimizer: 'adam', rate: 1e-2, batch: 6000, epochs: 10 },
] as const

const [folder, ...only] = process.argv.slice(2)
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
const images = parseIdx(read('train-images-idx3-ubyte'), read('train-labels-idx1-ubyte'))
const backends = await nodeBackends('simd')

for (const { model, optimizer, rate, batch, epochs } of TASKS) {
  if (only.length > 0 && !only.includes(model)) continue
  const layers = LAYERS[model]
  const recipe: Recipe = { ...DEFAULT_RECIPE, optimizer, rate, momentum: optimizer === 'adam' ? 0.9 : 0, batch }
  const backend = backends.create(shardMemory(layers, recipe) + optimizerMemory(layers, recipe))
  const shard = createShard(backend, layers, recipe, images)
  const { parameters, parametersAt, gradientsAt } = shard.network
  initialize(parameters, layers, new Random(recipe.seed, 0))
  const learner = createOptimizer(backend, recipe, parametersAt, gradientsAt, trainableCount(layers))
  const steps = images.count / batch
  let done = 0
  const epoch = () => {
    const started = process.cpuUsage()
    const number = done / steps
    for (let step = 0; step < steps; step++) {
      shard.run(number, step, 0)
      learner.step(rate, ++done)
    }
    const u = process.cpuUsage(started); return (u.user + u.system) / 1e6
  }
  epoch()
  const times = Array.from({ length: epochs > 1 ? epochs : REPEATS }, epoch)
  console.log(times.map(t => (t*1e3).toFixed(0)).join(" "));const value = epochs > 1 ? times.reduce((sum, time) => sum + time) : times.sort((a, b) => a - b)[REPEATS >> 1]
  const metric = epochs > 1 ? `${epochs}_epochs` : 'epoch'
  const work = `${model}/${optimizer}/b${batch}`
  console.log(JSON.stringify({ section: 'C', peer: 'inkling', work, metric, value, unit: 's', threads: 1 }))
}
