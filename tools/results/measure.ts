/** Measures the figures of `npm run results`: speed, accuracy on the test sets, and the start of the server. */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { measurableBackends } from '../../core/benchmark/backends.ts'
import { benchmark } from '../../core/benchmark/benchmark.ts'
import { hasDropout } from '../../core/models/create-model.ts'
import type { BenchmarkReport } from '../../core/protocol.ts'
import { nodeBackends, nodeKernels } from '../../server/backend.ts'
import { nodeEnvironment } from '../../server/benchmark/environment.ts'
import { NODE_METER } from '../../server/benchmark/meter.ts'
import { programVersion, SHIPPED_MODELS } from '../../server/files/program.ts'
import { evaluateStored } from '../../server/models/evaluate.ts'
import type { StoredModel } from '../../server/models/load.ts'
import { startServer } from '../../test/server/running-server.ts'
import { accuracyOf, percentOf, type ResultFigures, speedFigures, timesOf } from './figures.ts'
import { SAMPLED, SAMPLES } from './models.ts'
import { loadTestSets } from './sets.ts'

/** @returns the figures, and the report from which the chart is drawn */
export async function measureResults(models: readonly StoredModel[], dataDir: string) {
  const report = await measureSpeed(models)
  const sets = await loadTestSets(dataDir)
  const { images, labels } = sets.mnist
  const sampled = { images: images.subarray(0, SAMPLED * 784), labels: labels.subarray(0, SAMPLED), count: SAMPLED }
  const backends = await nodeBackends()
  const figures: ResultFigures = {
    ...speedFigures(report),
    models: models.map((model) => {
      const [mnist, canvases, drawings] = [sets.mnist, sets.canvases, sets.drawings].map((set) =>
        evaluateStored(model, set, backends),
      )
      return {
        id: model.card.id,
        mnist: accuracyOf(mnist),
        canvases: accuracyOf(canvases),
        drawings: accuracyOf(drawings),
        calibration: percentOf(mnist.calibration.error),
        drawingCalibration: percentOf(drawings.calibration.error),
        times: timesOf(report.models.find((one) => one.model === model.card.id)?.times ?? {}),
      }
    }),
    sampling: models
      .filter(({ card }) => hasDropout(card))
      .map((model) => {
        const [one, mean] = [0, SAMPLES].map((samples) => evaluateStored(model, sampled, backends, samples))
        return {
          id: model.card.id,
          one: accuracyOf(one),
          mean: accuracyOf(mean),
          oneCalibration: percentOf(one.calibration.error),
          meanCalibration: percentOf(mean.calibration.error),
        }
      }),
    images: { mnist: sets.mnist.count, drawings: sets.drawings.count },
    weights: Number((folderSize(SHIPPED_MODELS) / 1e6).toFixed(1)),
    start: Math.round(await startToAnswer(images.subarray(0, 784))),
  }
  return { figures, report }
}

/** The report of `inkling bench`. */
async function measureSpeed(models: readonly StoredModel[]): Promise<BenchmarkReport> {
  const { backends, selfTest } = await measurableBackends(nodeKernels())
  const environment = nodeEnvironment(programVersion(), selfTest)
  const steps = benchmark({ backends, models, environment, ...NODE_METER, quick: false })
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Time from the start of the server process to its first answer over HTTP, median of five, ms. */
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

/** Bytes of all files below a folder. */
function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
