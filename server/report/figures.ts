/** Figures of evaluations as text for people. */

import type { Evaluation } from '../../core/models/evaluation.ts'
import { type SetVerdicts, turnedAway, type VerdictCounts } from '../../core/models/verdict-counts.ts'
import { asPercent } from './percent.ts'

/** One model on one set. */
export interface Measured {
  readonly model: string // id
  readonly name: string // for people
  readonly data: string
  readonly evaluation: Evaluation
  readonly verdicts: SetVerdicts
  readonly seconds: number
}

/** Everything about one model on one set: the figures, each digit, and calibration. */
export function describeEvaluation({ name, data, evaluation, verdicts, seconds }: Measured): string {
  const { images, digits, accuracy, standardError, loss, calibration, confusion } = evaluation
  const refused = confusion.reduce((sum, row) => sum + row[row.length - 1], 0)
  const title = `${name} on ${data}: ${images} images, ${(images / seconds).toFixed(0)} a second`
  if (digits === 0) return [title, ...verdictLines(verdicts)].join('\n')
  return [
    title,
    `accuracy  ${column(accuracy)}  (standard error ${asPercent(standardError)})`,
    `loss      ${loss.toFixed(4).padStart(8)}  nats`,
    `ECE       ${column(calibration.error)}  (expected calibration error, ${calibration.bins.length} bins)`,
    ...(refused ? [`refused   ${refused} images that hold no digit, counted as errors`] : []),
    ...verdictLines(verdicts),
    '',
    ...perDigit(evaluation),
    '',
    ...reliability(evaluation),
  ].join('\n')
}

function verdictLines({ digits, others }: SetVerdicts): string[] {
  const line = (kind: string, counts: VerdictCounts) =>
    counts.images === 0
      ? []
      : `${kind.padEnd(10)}${column(turnedAway(counts))}  turned away of ${counts.images}: ${counts.notADigit} not a digit, ` +
        `${counts.unsure} unsure, ${counts.refused} refused; ${counts.confident} a digit at over 90 %`
  return [line('digits', digits), line('others', others)].flat()
}

function perDigit({ confusion, perClass }: Evaluation): string[] {
  const answered = (digit: number) => confusion.reduce((sum, row) => sum + row[digit], 0)
  return [
    'digit    recall  precision  answers 0 to 9',
    ...perClass.map((recall, digit) => {
      const precision = confusion[digit][digit] / Math.max(1, answered(digit))
      const counts = confusion[digit].slice(0, 10).map((count) => String(count).padStart(6))
      return `${digit}      ${column(recall)}   ${column(precision)} ${counts.join('')}`
    }),
  ]
}

function reliability({ calibration: { bins } }: Evaluation): string[] {
  return [
    'confidence       images      mean     right',
    ...bins.flatMap(({ images, confidence, accuracy }, k) => {
      const range = `${(k / bins.length).toFixed(3)}..${((k + 1) / bins.length).toFixed(3)}`
      return images === 0 ? [] : [`${range} ${String(images).padStart(9)}  ${column(confidence)}  ${column(accuracy)}`]
    }),
  ]
}

/** Several models or sets, one line each. */
export function tabulate(measured: readonly Measured[]): string {
  const width = Math.max(5, ...measured.map(({ model }) => model.length))
  const dataWidth = Math.max(4, ...measured.map(({ data }) => data.length))
  return [
    `${'model'.padEnd(width)}  ${'data'.padEnd(dataWidth)}  accuracy  std error      loss       ECE  turned away  others away  over 90 %  images  images/s`,
    ...measured.map(({ model, data, evaluation, verdicts, seconds }) => {
      const { accuracy, standardError, loss, calibration, images, digits } = evaluation
      const { others } = verdicts
      const of = (count: number, share: number) => (count === 0 ? '-' : asPercent(share))
      return [
        model.padEnd(width),
        data.padEnd(dataWidth),
        of(digits, accuracy).padStart(8),
        of(digits, standardError).padStart(9),
        loss.toFixed(4).padStart(8),
        of(digits, calibration.error).padStart(8),
        of(digits, turnedAway(verdicts.digits)).padStart(11),
        of(others.images, turnedAway(others)).padStart(11),
        of(others.images, others.confident / others.images).padStart(9),
        String(images).padStart(6),
        (images / seconds).toFixed(0).padStart(8),
      ].join('  ')
    }),
  ].join('\n')
}

// As wide as 100 %.
function column(share: number): string {
  return asPercent(share).padStart(8)
}
