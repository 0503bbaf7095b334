/**
 * The tasks with nearest neighbours and forests of the benchmark of libraries: the exact three nearest of 60,000 images, pixel by
 * pixel; 100 trees grown on as many images, and the time of one answer of the forest.
 *
 * usage: classic.ts FOLDER, the unpacked MNIST
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Backend } from '../../core/backend/backend.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { parseIdx } from '../../core/data/idx.ts'
import { forestMemory, forestModel } from '../../core/models/forest.ts'
import { joinTensors } from '../../core/models/tensor.ts'
import { ZOO } from '../../core/models/zoo.ts'
import { createTreeGrower, joinTrees, type TreeRecipe, treeGrowingMemory } from '../../core/training/trees.ts'
import { nodeBackends } from '../../server/backend.ts'

const NEAREST = 3
const QUERIES = 256
const REPEATS = 5

const [folder] = process.argv.slice(2)
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
const training = parseIdx(read('train-images-idx3-ubyte'), read('train-labels-idx1-ubyte'))
const test = parseIdx(read('t10k-images-idx3-ubyte'), read('t10k-labels-idx1-ubyte'))
const picture = (i: number) => test.images.subarray(i * PIXELS, (i + 1) * PIXELS)

function emit(work: string, metric: string, value: number, unit: string): void {
  console.log(JSON.stringify({ section: 'D', peer: 'inkling', work, metric, value, unit, threads: 1 }))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/** Time of one call, µs: the median over repeats of the median over calls. `answer` is called with the query's number. */
function latency(answer: (i: number) => void): number {
  const round = () =>
    Array.from({ length: QUERIES }, (_, i) => {
      const started = performance.now()
      answer(i)
      return (performance.now() - started) * 1000
    })
  round()
  return median(Array.from({ length: REPEATS }, () => median(round())))
}

/** The label of at least two of the three nearest, else of the nearest. */
function neighbours({ kernels, arena }: Backend): (query: Uint8Array) => number {
  const { images, labels, count } = training
  const [queryAt, referencesAt] = [arena.allocate(PIXELS), arena.allocate(count * PIXELS)]
  const [distancesAt, nearestAt] = [arena.allocate(count * 4), arena.allocate(NEAREST * 4)]
  arena.u8(referencesAt, count * PIXELS).set(images)
  const [bytes, nearest] = [arena.u8(queryAt, PIXELS), arena.i32(nearestAt, NEAREST)]
  return (query) => {
    bytes.set(query)
    kernels.distances(distancesAt, queryAt, referencesAt, count, PIXELS)
    kernels.nearest(nearestAt, distancesAt, count, NEAREST)
    const [first, second, third] = Array.from(nearest, (r) => labels[r])
    return second === third ? second : first
  }
}

function accuracy(answer: (query: Uint8Array) => number, count: number): number {
  let right = 0
  for (let i = 0; i < count; i++) if (answer(picture(i)) === test.labels[i]) right++
  return right / count
}

const backends = await nodeBackends('simd')

const knn = neighbours(backends.create(training.count * (PIXELS + 4) + 65_536))
emit('knn/k3/60k', 'accuracy', accuracy(knn, 1000), 'accuracy')
emit(
  'knn/k3/60k',
  'latency_median',
  latency((i) => knn(picture(i))),
  'us',
)

const spec = ZOO.find(({ id }) => id === 'forest')
if (spec?.type !== 'forest') throw new Error('the zoo has no forest')
const { seed, candidates, smallest } = spec.recipe
const recipe: TreeRecipe = {
  seed,
  candidates: Number(candidates),
  smallest: Number(smallest),
  copies: 0,
  augment: {},
}
const started = performance.now()
const grow = createTreeGrower(backends.create(treeGrowingMemory(training.count, 0)), training, recipe)
const forest = joinTrees(Array.from({ length: 100 }, (_, tree) => grow(tree)))
emit('rf/100trees/60k', 'train', (performance.now() - started) / 1000, 's')
const sizes = { trees: 100, splits: forest.splits.length / 3, leaves: forest.leaves.length / 10 }
const bytes = joinTensors([forest.roots, forest.splits, forest.leaves])
const model = forestModel(backends.create(forestMemory({ forest: sizes })), { forest: { ...sizes, power: 1 } }, bytes)
const best = (query: Uint8Array) => model.probabilities(query).reduce((top, p, c, all) => (p > all[top] ? c : top), 0)
emit('rf/100trees/60k', 'accuracy', accuracy(best, test.count), 'accuracy')
emit(
  'rf/100trees/60k',
  'latency_median',
  latency((i) => model.probabilities(picture(i))),
  'us',
)
