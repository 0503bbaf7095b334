/** Which lessons of a round are believed, and how many of those a model answers as it was taught. */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import { mostProbable } from '../models/evaluation.ts'
import type { Model } from '../models/model.ts'
import type { ModelFiles } from '../models/source.ts'
import { isPlausible } from './plausible.ts'
import type { Lesson, LessonVerdict, RoundTask } from './round.ts'

/** Lessons looked at in one piece of work. */
const PIECE = 16

export interface Reading {
  /** Looks at the next lessons; false when all have been looked at. */
  advance(): boolean
  readonly verdicts: readonly LessonVerdict[]
  /** The lessons that are believed. */
  learned(): readonly Lesson[]
}

export function createReading(
  backends: BackendFactory,
  { shipped, opinions, lessons }: Pick<RoundTask, 'shipped' | 'opinions' | 'lessons'>,
): Reading {
  const verdicts: LessonVerdict[] = []
  const own = openModel(backends, shipped)
  const others = opinions.map((files) => openModel(backends, files))
  return {
    verdicts,
    advance() {
      if (verdicts.length === lessons.length) return false
      for (const { input, label, trusted } of lessons.slice(verdicts.length, verdicts.length + PIECE)) {
        const plausible =
          trusted ||
          isPlausible(
            label,
            own.probabilities(input),
            others.map((model) => model.probabilities(input)),
          )
        verdicts.push(plausible ? 'learned' : 'implausible')
      }
      return true
    },
    learned: () => lessons.filter((_, i) => verdicts[i] === 'learned'),
  }
}

/** A model in a memory of its own. */
export function openModel(backends: BackendFactory, { card, data }: ModelFiles): Model {
  return createModel(backends.create(modelMemory(card)), card, data)
}

/** How many lessons a model answers as taught; of those that are no digit, the ones it is not sure of. */
export function countRight(model: Model, lessons: readonly Lesson[]): number {
  let right = 0
  for (const { input, label } of lessons) {
    const probabilities = model.probabilities(input)
    const best = mostProbable(probabilities, 0, CLASSES)
    if (label < CLASSES ? best === label : probabilities[best] < 0.5) right++
  }
  return right
}
