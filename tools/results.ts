/**
 * `npm run results`: measures what the README states, draws the chart, and writes both between the README's markers, with
 * device, Node version and date. Needs INKLING_DATA and a build. Takes some ten minutes, and a machine that does nothing else.
 */

import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measurableBackends } from '../core/benchmark/backends.ts'
import { benchmark } from '../core/benchmark/benchmark.ts'
import type { BenchmarkReport } from '../core/protocol.ts'
import { nodeBackends, wasmModules } from '../server/backend.ts'
import { nodeEnvironment } from '../server/benchmark/environment.ts'
import { NODE_METER } from '../server/benchmark/meter.ts'
import { programVersion, SHIPPED_MODELS } from '../server/files/program.ts'
import { loadModels, type StoredModel } from '../server/models/load.ts'
import { drawBenchmark } from '../server/report/benchmark-chart.ts'
import { describeEnvironment, warnings } from '../server/report/benchmark-table.ts'
import { dataDir } from '../test/data.ts'
import { startServer } from '../test/server/running.ts'
import { writeBetween } from './generated-tables.ts'
import { armTable } from './results/arm.ts'
import { modelTable, samplingTable } from './results/models.ts'
import { loadTestSets } from './results/sets.ts'
import { batchTable, kernelTable, trainingTable } from './results/speed.ts'

/** Kernels in the chart: those that most of the time goes to. All are in the table. */
const DRAWN = /^(dense\w+ 32x(200|784x200)|conv|maxPool\w+ 1|softmax 1|exp|adam|distances)/

if (!dataDir) throw new Error('INKLING_DATA names no folder')

/** Start of the server process to its first answer over HTTP, median of five, in ms. */
async function startToAnswer(digit: Uint8Array): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    const server = await startServer()
    const body = JSON.stringify({ pixels: [...digit].map((value) => value / 255) })
    const response = await fetch(`${server.url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    await response.json()
    times.push(performance.now() - started)
    await server.stop()
  }
  return times.sort((a, b) => a - b)[2]
}

/** What `inkling bench` measures. */
async function measureSpeed(): Promise<BenchmarkReport> {
  const { backends, selfTest } = await measurableBackends(wasmModules())
  const environment = nodeEnvironment(programVersion(), selfTest)
  const steps = benchmark({ backends, models, environment, ...NODE_METER, quick: false })
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Bytes of all files below a folder. */
function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

function byAccuracy(a: StoredModel, b: StoredModel): number {
  return b.card.test.accuracy - a.card.test.accuracy
}

const models = loadModels(SHIPPED_MODELS, (problem) => {
  throw new Error(problem)
}).sort(byAccuracy)
const speeds = await measureSpeed()
const sets = await loadTestSets(dataDir)
const backends = await nodeBackends()
const text = [
  `Measured by \`npm run results\` on ${speeds.at.slice(0, 10)}, on one core: ${describeEnvironment(speeds.environment)}.`,
  ...warnings(speeds),
  '',
  ...modelTable(models, sets, backends, speeds.models),
  '',
  `± is the standard error; ${sets.mnist.count.toLocaleString('en')} images of MNIST, the same ones pasted on 280x280 canvases (any place, size 0.3 to 1,`,
  `colour, polarity, transparency), and ${sets.drawings.count.toLocaleString('en')} pen drawings of 14 writers nothing was learned from (pendigits-test), drawn as a`,
  'canvas would. All go the way of any request. ECE is the expected calibration error on MNIST. The whole of `weights/` takes',
  `${(folderSize(SHIPPED_MODELS) / 1e6).toFixed(1)} MB.`,
  '',
  ...samplingTable(models, sets, backends),
  '',
  `Server start to first answer over HTTP: ${(await startToAnswer(sets.mnist.images.subarray(0, 784))).toFixed(0)} ms (median of 5).`,
  '',
  '![Each model and kernel: TypeScript, WebAssembly, and with SIMD](web/speed.svg)',
  '',
  ...batchTable(speeds),
  '',
  ...trainingTable(speeds),
  '',
  '<details><summary>Every kernel</summary>',
  '',
  ...kernelTable(speeds),
  '',
  'On 32-bit ARM, where an emulator says nothing about time, the exact number of instructions counts (`npm run test:arm`, Node 24,',
  'Cortex-A15; multiplications that a kernel leaves out count as done):',
  '',
  ...armTable(),
  '',
  '</details>',
].join('\n')

writeBetween('results', text)
writeFileSync(
  new URL('../web/speed.svg', import.meta.url),
  drawBenchmark({ ...speeds, kernels: speeds.kernels.filter(({ title }) => DRAWN.test(title)) }),
)
console.log(text)
