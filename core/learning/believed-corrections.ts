/** Decides which corrections of a round are believed, and counts how many corrections a model answers correctly. */

import type { BackendFactory } from '../backend/backend.ts'
import { CLASSES } from '../data/dataset.ts'
import { createModel, modelMemory } from '../models/create-model.ts'
import type { Model } from '../models/model.ts'
import type { ModelFiles } from '../models/source.ts'
import { judge, sureOf } from '../models/verdict.ts'
import { agreedByOthers, familiesAgree } from './agreement.ts'
import { ofMovedPairs, ofMovedRivals, ofStrangers, type Taught } from './border-check.ts'
import { askOpinions } from './opinions.ts'
import { isPlausible } from './plausibility.ts'
import type { Correction, CorrectionVerdict, RoundResult, RoundTask } from './round.ts'

/** Corrections checked per call of `advance`. */
const CORRECTIONS_PER_STEP = 16

/** Times that lessons are held back by pair of digits; after these all strangers' are. */
const MOST_TRIES = 6

/** Why nothing was learned where all that is plausible is held back. */
export const NOBODY_AGREES = 'what was taught counts once somebody else or the owner agrees'

export interface BelievedCorrections {
  /** Checks the next corrections; false when all have been checked. */
  advance(): boolean
  readonly verdicts: readonly CorrectionVerdict[]
  /** The corrections that are believed. */
  believed(): readonly Correction[]
  /**
   * Holds back strangers' corrections of these pairs of digits; false where there is none, or after some times.
   * @param pairs as `movedBorders` gives them
   */
  hold(pairs: ReadonlySet<number>): boolean
  /** Holds back strangers' corrections with the label of a rival, or all; false where there is none. */
  holdMore(pairs: ReadonlySet<number>): boolean
  /** Which corrections have been held back, 1 or 0 of each, and how often that was. To be restored before the first `advance`. */
  state(): { held: Uint8Array; holds: number }
  restore(state: { held: Uint8Array; holds: number }): void
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
  const answers: number[] = [] // the shipped model's digits
  let held = new Uint8Array(corrections.length)
  let holds = 0
  const { type } = shipped.card
  const networks = secondOpinions.filter(({ card }) => card.type === 'network')
  const families = secondOpinions.filter(({ card }) => teachers === 'agreed' && card.type !== type).filter(firstOfType)
  const owners = corrections.every(({ fromOwner }) => fromOwner) // nobody else is asked
  const opinions = askOpinions(
    backends,
    owners ? [shipped] : [shipped, ...networks, ...families],
    corrections.map(({ input }) => input),
  )

  function verdictOn({ label, fromOwner }: Correction, i: number): CorrectionVerdict {
    const [own, ...others] = opinions.scores.map((given) => given[i])
    answers.push(judge(own).digit)
    if (fromOwner) return 'learned'
    if (!isPlausible(label, own, others.slice(0, networks.length))) return 'implausible'
    if (teachers === 'anyone') return 'learned'
    if (teachers === 'owner') return 'held'
    return familiesAgree(label, others.slice(networks.length)) ? 'learned' : 'held'
  }

  // after the last: those that somebody else agrees with
  function agree(): void {
    const plausible = corrections.filter((_, i) => verdicts[i] !== 'implausible')
    const agreed = agreedByOthers(backends, plausible)
    let next = 0
    for (const [i, verdict] of verdicts.entries()) {
      if (verdict === 'implausible') continue
      if (agreed[next++]) verdicts[i] = 'learned'
    }
  }

  // false where there is nothing to hold back
  function holdBack(choose: (taught: readonly Taught[]) => boolean[]): boolean {
    const learned = [...verdicts.keys()].filter((i) => verdicts[i] === 'learned')
    const chosen = choose(learned.map((i) => ({ ...corrections[i], answer: answers[i] })))
    const back = learned.filter((_, k) => chosen[k])
    for (const i of back) {
      verdicts[i] = 'held'
      held[i] = 1
    }
    if (back.length > 0) holds++
    return back.length > 0
  }

  return {
    verdicts,
    advance() {
      if (opinions.advance()) return true
      if (verdicts.length === corrections.length) return false
      verdicts.push(...corrections.map(verdictOn))
      if (teachers === 'agreed') agree()
      for (const [i, one] of held.entries()) if (one) verdicts[i] = 'held'
      return true
    },
    believed: () => corrections.filter((_, i) => verdicts[i] === 'learned'),
    hold: (pairs) => holds < MOST_TRIES && holdBack((taught) => ofMovedPairs(taught, pairs)),
    holdMore: (pairs) =>
      holdBack((taught) => (holds < MOST_TRIES ? ofMovedRivals(taught, pairs) : ofStrangers(taught))),
    state: () => ({ held: held.slice(), holds }),
    restore(state) {
      held = state.held.slice()
      holds = state.holds
    },
  }
}

// The most accurate of each type comes first.
function firstOfType({ card: { type } }: ModelFiles, i: number, files: readonly ModelFiles[]): boolean {
  return files.findIndex(({ card }) => card.type === type) === i
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
