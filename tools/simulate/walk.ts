/** Sixty rounds of false corrections only: whether many small steps lead a model away. The kind of lie differs with the seed. */

import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction } from '../../core/learning/round.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { Random } from '../../core/random.ts'
import { LIES, lostByWorstClass, lyingCorrections } from './crowd.ts'
import { meanAndWorst, type SimulatedModel } from './world.ts'

const ROUNDS = 60

/** New lies per round. */
const PER_ROUND = 20

/** Most corrections of a round, the newest ones, as in the server. */
const MOST = 1000

export interface WalkResult {
  readonly accepted: number // share of rounds
  readonly mnist: { readonly mean: number; readonly worst: number } // points: after the last round; the worst after any
  readonly worstClass: number // points, after any round
}

export function simulateWalk(
  model: SimulatedModel,
  drawings: LabelledImages,
  mnist: LabelledImages,
  replaySet: ReplaySet,
  seeds: number,
): WalkResult {
  const { shipped } = model
  const base = model.answer(shipped, mnist)
  const last: number[] = []
  let [accepted, worst, worstClass] = [0, 0, 0]
  for (let seed = 1; seed <= seeds; seed++) {
    const lie = LIES[seed % LIES.length]
    const lies = lyingCorrections(drawings, lie, ROUNDS * PER_ROUND, new Random(seed, 2))
    let served = shipped
    for (let round = 1; round <= ROUNDS; round++) {
      const corrections: readonly Correction[] = lies.slice(Math.max(0, round * PER_ROUND - MOST), round * PER_ROUND)
      const { candidate } = model.round(corrections, replaySet, seed * 1000 + round)
      if (candidate) {
        accepted++
        served = candidate
        const after = model.answer(served, mnist)
        worst = Math.min(worst, 100 * (after.accuracy - base.accuracy))
        worstClass = Math.min(worstClass, lostByWorstClass(base, after))
      }
    }
    last.push(100 * (model.answer(served, mnist).accuracy - base.accuracy))
  }
  return { accepted: accepted / (seeds * ROUNDS), mnist: { ...meanAndWorst(last, Math.min), worst }, worstClass }
}
