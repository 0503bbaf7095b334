/** The table of the models: how often they are right, how sure, how large and how fast. */

import type { BackendFactory } from '../../core/backend/backend.ts'
import type { Card } from '../../core/models/card.ts'
import { hasDropout } from '../../core/models/create-model.ts'
import type { Evaluation } from '../../core/models/evaluation.ts'
import type { BenchmarkModel } from '../../core/protocol.ts'
import { evaluateStored } from '../../server/models/evaluate.ts'
import type { StoredModel } from '../../server/models/load.ts'
import type { TestSets } from './sets.ts'
import { threeTimes } from './speed.ts'

const SAMPLES = 100 // passes of Monte Carlo dropout
const ASKED = 1000 // images of the test set that are asked so often: a hundred passes each

/** Accuracy, calibration and time of every model, as the lines of a table. */
export function modelTable(
  models: readonly StoredModel[],
  sets: TestSets,
  backends: BackendFactory,
  speeds: readonly BenchmarkModel[],
): string[] {
  return [
    '| model | parameters | file | MNIST test | on canvases | pen drawings | ECE | one image: TypeScript, scalar, SIMD | trained in |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...models.map((model) => {
      const { card } = model
      const [mnist, canvases, drawings] = [sets.mnist, sets.canvases, sets.drawings].map((set) =>
        evaluateStored(model, set, backends),
      )
      const cells = [
        `[${card.id}](weights/${card.id}/card.json): ${card.kind}`,
        card.parameters.toLocaleString('en'),
        kilobytes(card.weights.bytes),
        share(mnist),
        share(canvases),
        share(drawings),
        percent(mnist.calibration.error),
        speed(card, speeds),
        duration(card),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}

/** What a hundred passes with dropout give, beside one pass without, on the same images. */
export function samplingTable(models: readonly StoredModel[], { mnist }: TestSets, backends: BackendFactory): string[] {
  const set = { images: mnist.images.subarray(0, ASKED * 784), labels: mnist.labels.subarray(0, ASKED), count: ASKED }
  return [
    `| \`?samples=${SAMPLES}\`, first ${ASKED} of MNIST’s test set | one pass | mean of ${SAMPLES} | ECE one pass | ECE mean |`,
    '|---|--:|--:|--:|--:|',
    ...models
      .filter(({ card }) => hasDropout(card))
      .map((model) => {
        const [plain, mean] = [0, SAMPLES].map((samples) => evaluateStored(model, set, backends, samples))
        const errors = [plain, mean].map(({ calibration }) => percent(calibration.error))
        return `| ${model.card.id} | ${share(plain)} | ${share(mean)} | ${errors.join(' | ')} |`
      }),
  ]
}

// From 784 bytes in memory to ten probabilities, on each backend.
function speed({ id }: Card, speeds: readonly BenchmarkModel[]): string {
  const found = speeds.find(({ model }) => model === id)
  return found ? `${threeTimes(found.times).join(', ')} µs` : ''
}

function share({ accuracy, standardError }: Evaluation): string {
  return `${percent(accuracy)} ± ${(standardError * 100).toFixed(2)}`
}

function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`
}

function kilobytes(bytes: number): string {
  return bytes < 999_500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function duration({ trainingTime }: Card): string {
  if (!trainingTime) return ''
  const { seconds } = trainingTime
  const text = seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`
  return trainingTime.machine.includes('one thread') ? text : `${text}, 2 threads`
}
