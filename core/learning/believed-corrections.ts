/** Decides which corrections of a round are believed, and counts how many corrections a model answers correctly. */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import type { Model } from '../models/model.ts'
import type { ModelFiles } from '../models/source.ts'
import { judge, sureOf } from '../models/verdict.ts'
import { isPlausible } from './plausibility.ts'
import type { Correction, CorrectionVerdict, RoundResult, RoundTask } from './round.ts'

/** Corrections checked per call of `advance`. */
const CORRECTIONS_PER_STEP = 16

export interface BelievedCorrections {
  /** Checks the next corrections; false when all have been checked. */
  advance(): boolean
  readonly verdicts: readonly CorrectionVerdict[]
  /** The corrections that are believed. */
  believed(): readonly Correction[]
}

export function believedCorrections(
  backends: BackendFactory,
  {
    shipped,
    secondOpinions,
    corrections,
    teachers = 'anyone',
  }: Pick<RoundTask, 'shipped' | 'secondOpinions' | 'corrections' | 'teachers'>,
): BelievedCorrections {
  const verdicts: CorrectionVerdict[] = []
  let judges = [shipped, ...secondOpinions].map((files) => openModel(backends, files))
  return {
    verdicts,
    advance() {
      if (verdicts.length === corrections.length) {
        judges = [] // the rest of the round needs their memory
        return false
      }
      const [shippedModel, ...others] = judges
      for (const { input, label, fromOwner } of corrections.slice(
        verdicts.length,
        verdicts.length + CORRECTIONS_PER_STEP,
      )) {
        const plausible =
          fromOwner ||
          isPlausible(
            label,
            shippedModel.scores(input),
            others.map((model) => model.scores(input)),
          )
        verdicts.push(plausible ? (fromOwner || teachers !== 'owner' ? 'learned' : 'held') : 'implausible')
      }
      return true
    },
    believed: () => corrections.filter((_, i) => verdicts[i] === 'learned'),
  }
}

/** A model on a backend of its own. */
export function openModel(backends: BackendFactory, { card, data }: ModelFiles): Model {
  return createModel(backends.create(modelMemory(card)), card, data)
}

/** The end of a round: counts which of its corrections are answered correctly. */
export interface Ending {
  /** Answers the next corrections; false when all have been answered. */
  advance(): boolean
  readonly result: RoundResult
}

/**
 * Counts the corrections that the served version and the candidate answer correctly; the same count if there is no candidate.
 * @param part of the round's result: all that is known of it
 */
export function createEnding(
  backends: BackendFactory,
  served: ModelFiles,
  checked: Pick<BelievedCorrections, 'believed' | 'verdicts'>,
  part: Omit<RoundResult, 'right' | 'verdicts'>,
): Ending {
  const corrections = checked.believed()
  const counts: number[] = [] // of the served version, then of the candidate
  let model: Model | undefined
  let [done, correct] = [0, 0]
  return {
    advance() {
      const files = [served, part.candidate][counts.length]
      if (!files || corrections.length === 0) return false
      model ??= openModel(backends, files)
      correct += countCorrect(model, sureOf(files.card), corrections.slice(done, done + CORRECTIONS_PER_STEP))
      done += CORRECTIONS_PER_STEP
      if (done >= corrections.length) {
        counts.push(correct)
        model = undefined
        done = correct = 0
      }
      return true
    },
    get result() {
      const [before = 0, after = before] = counts
      return { ...part, verdicts: checked.verdicts, right: { before, after } }
    },
  }
}

/**
 * Counts the corrections a model answers correctly: a digit by that digit, sure or not, and NOT_A_DIGIT by turning it away.
 * @param sure the model's threshold, see `sureOf`
 */
export function countCorrect(model: Model, sure: number, corrections: readonly Correction[]): number {
  let correct = 0
  for (const { input, label } of corrections) {
    const { digit, verdict } = judge(model.scores(input), sure)
    if (label < CLASSES ? digit === label && verdict !== 'not-a-digit' : verdict !== 'digit') correct++
  }
  return correct
}
