/** The tables of the models: accuracy, calibration, size and speed. */

import type { Card } from '../../core/models/card.ts'
import { head, line } from '../generated-tables.ts'
import type { ResultFigures, ShownAccuracy } from './figures.ts'
import { threeTimes } from './speed.ts'

/** Passes of Monte Carlo dropout. */
export const SAMPLES = 100

/** Images of the test set that are used for it. */
export const SAMPLED = 1000

/**
 * Accuracy, calibration and time of every model.
 * @param cards of the models measured
 */
export function modelTable({ models }: ResultFigures, cards: readonly Card[]): string[] {
  return [
    ...head(
      'model',
      'parameters',
      'file',
      'MNIST test',
      'on canvases',
      'pen drawings',
      'ECE',
      'one image: twin, scalar, SIMD',
      'trained in',
    ),
    ...models.map(({ id, mnist, canvases, drawings, calibration, times }) => {
      const card = cardOf(id, cards)
      return line(
        `[${id}](../weights/${id}/card.json): ${card.kind}`,
        card.parameters.toLocaleString('en'),
        kilobytes(card.weights.bytes),
        ...[mnist, canvases, drawings].map(share),
        percent(calibration),
        `${threeTimes(times).join(', ')} µs`,
        duration(card),
      )
    }),
  ]
}

/** The short table of the README. */
export function shortTable({ models }: ResultFigures, cards: readonly Card[]): string[] {
  return [
    ...head('model', 'MNIST test', 'pen drawings', 'file', 'one image, SIMD', 'bit-exact TypeScript twin'),
    ...models.map(({ id, mnist, drawings, times }) => {
      const [twin, , simd] = threeTimes(times)
      const accuracies = [mnist, drawings].map((one) => percent(one.percent))
      return line(id, ...accuracies, kilobytes(cardOf(id, cards).weights.bytes), `${simd} µs`, `${twin} µs`)
    }),
  ]
}

/** A hundred passes with dropout compared with one pass without. */
export function samplingTable({ sampling }: ResultFigures): string[] {
  return [
    ...head(
      `\`?samples=${SAMPLES}\`, first ${SAMPLED} of MNIST’s test set`,
      'one pass',
      `mean of ${SAMPLES}`,
      'ECE one pass',
      'ECE mean',
    ),
    ...sampling.map(({ id, one, mean, oneCalibration, meanCalibration }) =>
      line(id, share(one), share(mean), percent(oneCalibration), percent(meanCalibration)),
    ),
  ]
}

function cardOf(id: string, cards: readonly Card[]): Card {
  const card = cards.find((one) => one.id === id)
  if (!card) throw new Error(`the model ${id} was measured and is gone: npm run results measures what there is`)
  return card
}

function share({ percent: value, error }: ShownAccuracy): string {
  return `${percent(value)} ± ${error.toFixed(2)}`
}

function percent(value: number): string {
  return `${value.toFixed(2)} %`
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
