/**
 * The gate: a candidate is served only if it is about as accurate as the shipped model on the replay set, overall and in every
 * class. It is compared with the shipped model, never with the served version: many small losses would add up.
 */

import type { GateReport, GateScore } from '../protocol.ts'

/**
 * Largest allowed losses of accuracy, as shares of all images and of the images of a class. A candidate that loses more is
 * tried again nearer to the shipped weights, so the limits need no allowance for chance.
 */
export const GATE_LIMITS = { overall: 0.001, worstClass: 0.01 } as const

/** Counts of images and of correct answers, by class. */
export interface GateTally {
  readonly images: Uint32Array // [classes]
  readonly right: Uint32Array // [classes]
}

export function emptyTally(classes: number): GateTally {
  return { images: new Uint32Array(classes), right: new Uint32Array(classes) }
}

export function countAnswer({ images, right }: GateTally, label: number, answer: number): void {
  images[label]++
  if (answer === label) right[label]++
}

export function score({ images, right }: GateTally): GateScore {
  return {
    accuracy: sum(right) / Math.max(1, sum(images)),
    perClass: [...right].map((value, c) => value / Math.max(1, images[c])),
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
  const passed = !tooMuch && losses[worst] <= worstClass
  const points = (share: number) => `${(100 * share).toFixed(2)} points`
  return {
    set,
    images,
    shipped: before,
    candidate: after,
    limits: GATE_LIMITS,
    passed,
    reason: passed
      ? lost > 0
        ? `it loses ${points(lost)} of ${points(overall)} allowed`
        : `it is as good as the shipped one or better by ${points(-lost)}`
      : tooMuch
        ? `it loses ${points(lost)}, ${points(overall)} are allowed`
        : `it loses ${points(losses[worst])} on the ${worst}, ${points(worstClass)} are allowed`,
  }
}
