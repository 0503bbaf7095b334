/** The tables of the models: accuracy, calibration, size and speed. */

import type { Card } from '../../core/models/card.ts'
import { head, line } from '../generated-tables.ts'
import type { ResultFigures, ShownAccuracy } from './figures.ts'
import { ratioToPlain, shownTimes } from './speed.ts'

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
      'ECE: MNIST, drawings',
      'one image: plain, twin, scalar, SIMD',
      'trained in',
    ),
    ...models.map(({ id, mnist, canvases, drawings, calibration, drawingCalibration, times }) => {
      const card = cardOf(id, cards)
      return line(
        `[${id}](../weights/${id}/card.json): ${card.kind}`,
        card.parameters.toLocaleString('en'),
        kilobytes(card.weights.bytes),
        ...[mnist, canvases, drawings].map(share),
        `${calibration.toFixed(2)}, ${percent(drawingCalibration)}`,
        `${shownTimes(times).join(', ')} µs`,
        duration(card),
      )
    }),
  ]
}

/** The short table of the README. */
export function shortTable({ models }: ResultFigures, cards: readonly Card[]): string[] {
  return [
    ...head('model', 'MNIST test', 'pen drawings', 'file', 'one image, SIMD', 'plain JavaScript', 'times as fast'),
    ...models.map(({ id, mnist, drawings, times }) => {
      const [plain, , , simd] = shownTimes(times)
      const faster = ratioToPlain(times.plain, times.simd)
      const accuracies = [mnist, drawings].map((one) => percent(one.percent))
      return line(
        id,
        ...accuracies,
        kilobytes(cardOf(id, cards).weights.bytes),
        `${simd} µs`,
        plain === '–' ? plain : `${plain} µs`,
        faster,
      )
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

/** How many digits each model turns away or is unsure of, and how much of what is no digit: as its card says. */
export function verdictTable({ models }: ResultFigures, cards: readonly Card[]): string[] {
  return [
    ...head('model', 'digits: MNIST test, drawings', ...NO_DIGITS.map((name) => `${name}: turned away, over 90 %`)),
    ...models.flatMap(({ id }) => {
      const { verdict } = cardOf(id, cards)
      if (!verdict) return []
      const { turnedAway, others } = verdict
      const digits = [turnedAway.test, turnedAway.drawings ?? 0].map((value) => percent(100 * value))
      const sets = NO_DIGITS.map((name) => {
        const set = others.find(({ data }) => data.name === name)
        return set ? `${(100 * set.turnedAway).toFixed(1)}, ${(100 * set.confident).toFixed(1)} %` : ''
      })
      return [line(id, digits.join(', '), ...sets)]
    }),
  ]
}

/** The sets of what is no digit that cards have figures of. */
const NO_DIGITS = ['letters', 'characters', 'others']

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
