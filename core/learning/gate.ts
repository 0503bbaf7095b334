/**
 * The gate: a candidate is served only if it is about as accurate as the shipped model on the replay set, overall and in every
 * class, and turns away about as few digits and as many other drawings. It is compared with the shipped model, never with the served version: many small losses would add up.
 */

import { CLASSES } from '../data/dataset.ts'
import type { Judgement } from '../models/verdict.ts'
import type { GateReport, GateScore } from '../protocol.ts'

/**
 * Largest allowed losses of accuracy, as shares of all images and of the images of a class. A candidate that loses more is
 * tried again nearer to the shipped weights, so the limits need no allowance for chance.
 */
export const GATE_LIMITS = { overall: 0.001, worstClass: 0.01 } as const

/** As shares of the digits that are not turned away, and of other drawings that are. A few of a small number are noise. */
const VERDICT_LIMITS = { digits: 0.002, others: 0.02 } as const

/** Counts of images and of correct answers, by digit; and of verdicts, where a model knows what is no digit. */
export interface GateTally {
  readonly images: Uint32Array // [10]
  readonly right: Uint32Array // [10], by the most probable digit
  readonly verdicts?: { digitsKept: number; others: number; othersTurnedAway: number }
}

/** @param outputs of the model */
export function emptyTally(outputs: number): GateTally {
  const counts = { images: new Uint32Array(CLASSES), right: new Uint32Array(CLASSES) }
  return outputs > CLASSES ? { ...counts, verdicts: { digitsKept: 0, others: 0, othersTurnedAway: 0 } } : counts
}

/** @param label 0..9, or OTHER for a model that knows it */
export function countAnswer(
  { images, right, verdicts }: GateTally,
  label: number,
  { digit, verdict }: Pick<Judgement, 'digit' | 'verdict'>,
): void {
  if (label < CLASSES) {
    images[label]++
    if (digit === label) right[label]++
    if (verdicts && verdict === 'digit') verdicts.digitsKept++
  } else if (verdicts) {
    verdicts.others++
    if (verdict !== 'digit') verdicts.othersTurnedAway++
  }
}

function score({ images, right, verdicts }: GateTally): GateScore {
  return {
    accuracy: sum(right) / Math.max(1, sum(images)),
    perClass: [...right].map((value, c) => value / Math.max(1, images[c])),
    ...(verdicts && {
      digitsKept: verdicts.digitsKept / Math.max(1, sum(images)),
      othersTurnedAway: verdicts.othersTurnedAway / Math.max(1, verdicts.others),
    }),
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, value) => total + value, 0)
}

/**
 * Compares a candidate with the shipped model on the same images.
 * @param set name of the images
 */
export function gateReport(set: string, shipped: GateTally, candidate: GateTally): GateReport {
  const [before, after] = [score(shipped), score(candidate)]
  const images = sum(shipped.images)
  // from differences of counts: differences of shares are not exact
  const lost = (sum(shipped.right) - sum(candidate.right)) / Math.max(1, images)
  const losses = [...shipped.right].map((right, c) => (right - candidate.right[c]) / Math.max(1, shipped.images[c]))
  const worst = losses.indexOf(Math.max(...losses))
  const { overall, worstClass } = GATE_LIMITS
  const tooMuch = lost > overall
  const points = (share: number) => `${(100 * share).toFixed(2)} points`
  const refusal = tooMuch
    ? `it loses ${points(lost)}, ${points(overall)} are allowed`
    : losses[worst] > worstClass
      ? `it loses ${points(losses[worst])} on the ${worst}, ${points(worstClass)} are allowed`
      : verdictRefusal(shipped, candidate, images, points)
  return {
    set,
    images,
    shipped: before,
    candidate: after,
    limits: shipped.verdicts ? { ...GATE_LIMITS, ...VERDICT_LIMITS } : GATE_LIMITS,
    passed: refusal === undefined,
    reason:
      refusal ??
      (lost > 0
        ? `it loses ${points(lost)} of ${points(overall)} allowed`
        : `it is as good as the shipped one or better by ${points(-lost)}`),
  }
}

function verdictRefusal(
  { verdicts: before }: GateTally,
  { verdicts: after }: GateTally,
  images: number,
  points: (share: number) => string,
): string | undefined {
  if (!before || !after) return undefined
  const digits = (before.digitsKept - after.digitsKept) / Math.max(1, images)
  const others = (before.othersTurnedAway - after.othersTurnedAway) / Math.max(1, before.others)
  if (digits > VERDICT_LIMITS.digits) {
    return `it turns away ${points(digits)} more of the digits, ${points(VERDICT_LIMITS.digits)} are allowed`
  }
  if (others > VERDICT_LIMITS.others) {
    return `it turns away ${points(others)} less of what is no digit, ${points(VERDICT_LIMITS.others)} are allowed`
  }
  return undefined
}
