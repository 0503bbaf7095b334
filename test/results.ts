/**
 * `npm run results`: measures what the README states and writes it between the README's markers, with device, Node
 * version and date. Needs INKLING_DATA and a build. Takes some ten minutes, and a machine that does nothing else.
 */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { nodeBackends, wasmModules } from '../server/backend.ts'
import { loadModels, SHIPPED_MODELS, type StoredModel } from '../server/models.ts'
import { dataDir } from './data.ts'
import { kernelTable } from './results/kernels.ts'
import { modelTable, samplingTable } from './results/models.ts'
import { loadTestSets } from './results/sets.ts'
import { median } from './results/time.ts'
import { startServer } from './server/running.ts'

const README = new URL('../README.md', import.meta.url)

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
  return median(times)
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

// first, while V8 has seen nothing else: TypeScript is slower later on
const kernels = kernelTable()

const models = loadModels(SHIPPED_MODELS, (problem) => {
  throw new Error(problem)
}).sort(byAccuracy)
const sets = await loadTestSets(dataDir)
const backends = await nodeBackends()
const compiled = wasmModules()
const builds = { simd: await compiled.simd(), scalar: await compiled.scalar() }
const text = [
  `Measured by \`npm run results\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, one core, Node ${process.versions.node}, ${process.arch}.`,
  '',
  ...modelTable(models, sets, backends, builds),
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
  ...kernels,
].join('\n')

const readme = readFileSync(README, 'utf8')
const [before, , after] = readme.split(/<!-- results(?: end)? -->\n/)
if (after === undefined) throw new Error('the README has no markers <!-- results --> and <!-- results end -->')
writeFileSync(README, `${before}<!-- results -->\n${text}\n<!-- results end -->\n${after}`)
console.log(text)
