/**
 * `npm run results`: measures what the README states and writes it between the README's markers, with device, Node
 * version and date. Needs INKLING_DATA and a build. Takes about a minute.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../core/errors.ts'
import { evaluate, type LabelledImages, lossBuffers, lossMemory } from '../core/evaluation.ts'
import { CASE_MEMORY, placeCase } from '../core/kernels/case.ts'
import { allCases } from '../core/kernels/cases.ts'
import { createNetwork, networkMemory } from '../core/models/network.ts'
import { preprocess } from '../core/preprocess.ts'
import { Random } from '../core/random.ts'
import type { Raster } from '../core/raster.ts'
import { rasterizeStrokes } from '../core/strokes.ts'
import { loadDataset } from '../server/dataset/load.ts'
import { preprocessDataset } from '../server/digits.ts'
import { loadModel, SHIPPED_MODELS } from '../server/models.ts'
import { pasteOnCanvas } from './canvas.ts'
import { allBackends } from './core/backends.ts'
import { dataDir } from './data.ts'
import { startServer } from './server/running.ts'
import { penStrokes } from './strokes.ts'

const README = new URL('../README.md', import.meta.url)
const BATCH = 100 // images
const RUNS = 9 // of which the median counts

const { card, parameters } = loadModel(join(SHIPPED_MODELS, 'softmax'))

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

/** Microseconds of one call: median of RUNS runs of at least 10 ms each. */
function time(call: () => void): number {
  const run = (calls: number) => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) call()
    return performance.now() - started
  }
  let calls = 1
  while (run(calls) < 10) calls *= 2
  return (median(Array.from({ length: RUNS }, () => run(calls))) / calls) * 1000
}

function measure(set: LabelledImages): string {
  const [, , backend] = allBackends(networkMemory(card.layers, BATCH, false) + lossMemory(BATCH))
  const network = createNetwork(backend, card.layers, BATCH, false)
  network.parameters.set(parameters)
  const { accuracy, standardError, images } = evaluate(backend, network, lossBuffers(backend, BATCH), set)
  return `${(accuracy * 100).toFixed(2)} % (standard error ${(standardError * 100).toFixed(2)} %) | ${images}`
}

/** Pictures through preprocessing; what it refuses is marked, and counts as an error. */
function recogniseRasters(rasters: Iterable<Raster>, labels: Uint8Array): LabelledImages {
  const images = new Uint8Array(labels.length * 784)
  const refused: number[] = []
  let i = 0
  for (const raster of rasters) {
    try {
      images.set(preprocess(raster), i * 784)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused.push(i)
    }
    i++
  }
  return { images, labels, count: labels.length, refused }
}

async function accuracies(): Promise<string[]> {
  if (!dataDir) throw new Error('INKLING_DATA names no folder')
  const { dataset } = await loadDataset('mnist', 'test', dataDir)
  const random = new Random(1, 7)
  const canvases = (function* () {
    for (let i = 0; i < dataset.count; i++) {
      yield pasteOnCanvas(dataset.images.subarray(i * 784, (i + 1) * 784), () => random.uniform())
    }
  })()
  const strokes = penStrokes('pendigits-test')
  const drawn = strokes.map((drawing) => rasterizeStrokes(drawing.strokes))
  return [
    '| softmax regression, 7,850 parameters | right | images |',
    '|---|---|---|',
    `| MNIST test set | ${measure(preprocessDataset(dataset))} |`,
    `| the same on 280x280 canvases: any place, size 0.3 to 1, colour, polarity, transparency | ${measure(recogniseRasters(canvases, dataset.labels))} |`,
    `| pendigits test set: pen strokes of 14 writers, drawn as a canvas would | ${measure(
      recogniseRasters(
        drawn,
        Uint8Array.from(strokes, ({ label }) => label),
      ),
    )} |`,
  ]
}

function threeDigits(us: number): string {
  return us >= 100 ? us.toFixed(0) : us.toPrecision(3)
}

/** One image in memory to probabilities, per backend. */
function singleImage(digit: Uint8Array): number[] {
  return allBackends(networkMemory(card.layers, 1, false)).map((backend) => {
    const network = createNetwork(backend, card.layers, 1, false)
    network.parameters.set(parameters)
    network.bytes.set(digit)
    return time(() => {
      network.forward(1)
      backend.kernels.softmax(network.logitsAt, network.logitsAt, 1, 10)
    })
  })
}

function kernelTimes(digit: Uint8Array): string[] {
  const backends = allBackends(CASE_MEMORY)
  const row = (title: string, [typescript, scalar, simd]: number[]) =>
    `| ${title} | ${[typescript, scalar, simd].map(threeDigits).join(' | ')} | ${(typescript / simd).toFixed(1)} |`
  const rows = allCases()
    .filter(({ benchmark }) => benchmark)
    .map((tested) =>
      row(
        tested.title,
        backends.map((backend) => {
          const mark = backend.arena.mark()
          const { call } = placeCase(backend, tested)
          const us = time(call)
          backend.arena.release(mark)
          return us
        }),
      ),
    )
  return [
    '| kernel, shape, input | TypeScript, µs | scalar, µs | SIMD, µs | TypeScript / SIMD |',
    '|---|--:|--:|--:|--:|',
    row('**softmax regression, one image in memory to probabilities**', singleImage(digit)),
    ...rows,
  ]
}

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

const { dataset } = await loadDataset('mnist', 'test', dataDir ?? '')
const digit = preprocess({ width: 28, height: 28, channels: 1, data: dataset.images.subarray(0, 784) })
const text = [
  `Measured by \`npm run results\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, one core, Node ${process.versions.node}, ${process.arch}.`,
  '',
  ...(await accuracies()),
  '',
  `Server start to first answer over HTTP: ${(await startToAnswer(digit)).toFixed(0)} ms (median of 5).`,
  '',
  ...kernelTimes(digit),
].join('\n')

const readme = readFileSync(README, 'utf8')
const [before, , after] = readme.split(/<!-- results(?: end)? -->\n/)
if (after === undefined) throw new Error('the README has no markers <!-- results --> and <!-- results end -->')
writeFileSync(README, `${before}<!-- results -->\n${text}\n<!-- results end -->\n${after}`)
console.log(text)
