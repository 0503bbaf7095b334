/**
 * Who else agrees with a stranger's label: other families of models, which a lie chosen against one model seldom deceives, or somebody
 * of another client network who said the same of a drawing like it.
 */

import type { BackendFactory } from '../backend/backend.ts'
import { createDescriber, FEATURES } from '../models/neighbours.ts'
import { judge } from '../models/verdict.ts'
import { type Correction, NOT_A_DIGIT } from './round.ts'

/** Families of models, each asked through one of them, that have to give the label as their answer. */
const FAMILIES = 2

/**
 * Largest squared distance of two descriptions, see core/models/neighbours.ts, of drawings that are alike. Of five drawings of a digit by
 * one person the nearest is within it three times of four, the nearest of 3,400 drawings of other digits once in four.
 */
const ALIKE = 100_000

/** Bytes of arena that `agreedByOthers` takes. */
const MEMORY = FEATURES * 5 + 8192

/**
 * Whether enough other families of models answer so.
 * @param label 0..9 or NOT_A_DIGIT
 * @param scores of one model of each other family, [10] or [11]
 */
export function familiesAgree(label: number, scores: readonly Float32Array[]): boolean {
  const agree = scores.filter((one) => {
    const { digit, verdict } = judge(one)
    return verdict === 'not-a-digit' ? label === NOT_A_DIGIT : digit === label
  })
  return agree.length >= FAMILIES
}

/**
 * For each correction, whether one from another client network gives the same label to a drawing like it.
 * @param corrections those that may agree with each other
 */
export function agreedByOthers(backends: BackendFactory, corrections: readonly Correction[]): boolean[] {
  const describer = createDescriber(backends.create(MEMORY))
  const descriptions = corrections.map(({ input }) => Uint8Array.from(describer.describe(input)))
  const agreed = corrections.map(() => false)
  for (let i = 0; i < corrections.length; i++) {
    for (let j = 0; j < i; j++) {
      if (
        corrections[i].label !== corrections[j].label ||
        corrections[i].clientNetwork === corrections[j].clientNetwork
      )
        continue
      if ((agreed[i] && agreed[j]) || !alike(descriptions[i], descriptions[j])) continue
      agreed[i] = agreed[j] = true
    }
  }
  return agreed
}

function alike(a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) * (a[k] - b[k])
  return sum <= ALIKE
}
