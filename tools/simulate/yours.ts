/**
 * Yours: what a visitor's own browser learns of twenty of their drawings, for their own answers. Writers, drawings that are taught
 * and drawings that are the test are those of the simulation `style`. Besides, every misread drawing is taught alone.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { createPersonalLearner, type Lesson } from '../../core/learning/personal.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { GroupedImages } from '../../core/training/split.ts'
import { type LessonsResult, simulateLessons } from './style.ts'
import { correctionFor, meanAndWorst, type SimulatedModel } from './world.ts'

export interface YoursResult extends LessonsResult {
  readonly alone: {
    readonly taught: number // misread drawings, each taught alone
    readonly right: number // of these, read as taught afterwards
    readonly mnist: { readonly mean: number; readonly worst: number } // points
  }
}

/** @param backends of the browser's learner; any gives the same */
export function simulateYours(
  model: SimulatedModel,
  backends: BackendFactory,
  drawings: GroupedImages,
  mnist: LabelledImages,
  replaySet: ReplaySet,
  seeds: number,
): YoursResult {
  const { shipped } = model
  const { card, data } = shipped
  const learner = createPersonalLearner(backends, { card: card as NetworkCard, data }, replaySet.draw)
  function learned(lessons: readonly Lesson[]): ModelFiles {
    const learning = learner.learn(lessons)
    while (learning.advance());
    return { card, data: learning.result() }
  }

  const { answers } = model.answer(shipped, drawings)
  const base = model.answer(shipped, mnist).accuracy
  const misread = [...answers.keys()].filter((i) => answers[i] !== drawings.labels[i])
  const moved: number[] = []
  let right = 0
  for (const i of misread) {
    const own = learned([correctionFor(drawings, i, 0)])
    if (model.answer(own, drawings).answers[i] === drawings.labels[i]) right++
    moved.push(100 * (model.answer(own, mnist).accuracy - base))
  }
  return {
    ...simulateLessons(model, drawings, mnist, seeds, learned),
    alone: { taught: misread.length, right, mnist: meanAndWorst(moved, Math.min) },
  }
}
