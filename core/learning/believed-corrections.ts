/** Which corrections of a round are believed, and how many of those a model answers as it was taught. */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import { mostProbable } from '../models/evaluation.ts'
import type { Model } from '../models/model.ts'
import type { ModelFiles } from '../models/source.ts'
import { isPlausible } from './plausibility.ts'
import type { Correction, CorrectionVerdict, RoundTask } from './round.ts'

/** Corrections looked at in one piece of work. */
const CORRECTIONS_PER_STEP = 16

export interface BelievedCorrections {
  /** Looks at the next corrections; false when all have been looked at. */
  advance(): boolean
  readonly verdicts: readonly CorrectionVerdict[]
  /** The corrections that are believed. */
  believed(): readonly Correction[]
}

export function believedCorrections(
  backends: BackendFactory,
  { shipped, secondOpinions, corrections }: Pick<RoundTask, 'shipped' | 'secondOpinions' | 'corrections'>,
): BelievedCorrections {
  const verdicts: CorrectionVerdict[] = []
  const own = openModel(backends, shipped)
  const others = secondOpinions.map((files) => openModel(backends, files))
  return {
    verdicts,
    advance() {
      if (verdicts.length === corrections.length) return false
      for (const { input, label, fromOwner } of corrections.slice(
        verdicts.length,
        verdicts.length + CORRECTIONS_PER_STEP,
      )) {
        const plausible =
          fromOwner ||
          isPlausible(
            label,
            own.probabilities(input),
            others.map((model) => model.probabilities(input)),
          )
        verdicts.push(plausible ? 'learned' : 'implausible')
      }
      return true
    },
    believed: () => corrections.filter((_, i) => verdicts[i] === 'learned'),
  }
}

/** A model in a memory of its own. */
export function openModel(backends: BackendFactory, { card, data }: ModelFiles): Model {
  return createModel(backends.create(modelMemory(card)), card, data)
}

/** How many corrections a model answers as taught; of those that are no digit, the ones it is not sure of. */
export function countCorrect(model: Model, corrections: readonly Correction[]): number {
  let right = 0
  for (const { input, label } of corrections) {
    const probabilities = model.probabilities(input)
    const best = mostProbable(probabilities, 0, CLASSES)
    if (label < CLASSES ? best === label : probabilities[best] < 0.5) right++
  }
  return right
}
