/**
 * The program that runs on every machine of the ARM run, bundled to one JavaScript file: kernel agreement, rounds
 * of learning, training runs, images. It writes one Report as JSON to standard output, and exits 0 even if something disagrees:
 * run.ts compares.
 *
 * usage: guest.mjs BACKEND[,BACKEND...] WASM_FOLDER FIXTURE_FOLDER WEIGHTS_FOLDER LEARNERS_FOLDER [DATA_FOLDER]
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Backend, BackendName } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { wasmBackend } from '../../../core/backend/wasm.ts'
import { CASE_MEMORY } from '../../../core/kernels/case.ts'
import { canvasDigests, imageDigests, sha256 } from './images.ts'
import { compareKernels } from './kernels.ts'
import { armReplaySet, generatorDigests, learn, readLearners } from './learning.ts'
import type { Report } from './report.ts'
import { RUNS, train, trainingImages } from './training.ts'

const [names, wasmFolder, fixtures, weights, learners, dataFolder] = process.argv.slice(2)
const backends = names.split(',') as BackendName[]

function backend(name: BackendName, bytes: number): Backend {
  if (name === 'ts') return typescriptBackend(bytes)
  return wasmBackend(name, new WebAssembly.Module(readFileSync(join(wasmFolder, `${name}.wasm`))), bytes)
}

const seconds: Record<string, number> = {}
function timed<T>(part: string, work: () => T): T {
  const started = performance.now()
  const result = work()
  seconds[part] = (seconds[part] ?? 0) + (performance.now() - started) / 1000
  return result
}

const { agreement, digests } = timed('kernels', () =>
  compareKernels(backends.map((name) => backend(name, CASE_MEMORY))),
)
Object.assign(
  digests,
  timed('fixtures', () => imageDigests(fixtures)),
)
Object.assign(
  digests,
  timed('generator', () => generatorDigests(weights)),
)

const learning: Report['learning'][number][] = []
const replaySet = timed('gate images', () => armReplaySet(weights))
for (const [title, learner] of Object.entries(readLearners(learners, weights))) {
  const chosen = learner.backends === 'fastest' ? backends.slice(-1) : learner.backends
  for (const name of backends.filter((one) => chosen.includes(one))) {
    const factory = { name, selfTest: 'passed', create: (bytes: number) => backend(name, bytes) }
    const result = timed(`learning of ${title} by ${name}`, () => learn(factory, learner, replaySet))
    learning.push({ title, backend: name, ...result })
  }
}

const training: Report['training'][number][] = []
if (dataFolder !== undefined) {
  for (const folder of ['pngsuite', 'refuse']) {
    Object.assign(
      digests,
      timed(folder, () => imageDigests(join(dataFolder, 'png', folder))),
    )
  }
  const set = timed('preprocessing', () => trainingImages(dataFolder))
  digests['preprocessed training images'] = sha256(set.images)
  Object.assign(
    digests,
    timed('canvases', () => canvasDigests(set.images, 20)),
  )
  for (const [title, run] of Object.entries(RUNS)) {
    for (const name of backends) {
      const result = timed(`training by ${name}`, () => train((bytes) => backend(name, bytes), run, set))
      training.push({ title, backend: name, ...result })
    }
  }
}

const { node } = process.versions
const report: Report = { node, arch: process.arch, backends, agreement, digests, learning, training, seconds }
process.stdout.write(JSON.stringify(report))
