/**
 * A round of k nearest neighbours: drawings that the shipped references answer wrongly become references themselves, the newest
 * first, as many as pass the gate.
 */

import type { BackendFactory } from '../backend/backend.ts'
import { OTHER, PIXELS } from '../data/dataset.ts'
import type { NeighboursCard } from '../models/card.ts'
import { modelOutputs } from '../models/create-model.ts'
import type { Model } from '../models/model.ts'
import { createDescriber, FEATURES } from '../models/neighbours.ts'
import type { ModelFiles } from '../models/source.ts'
import { judge, sureOf } from '../models/verdict.ts'
import type { GateTry } from '../protocol.ts'
import {
  believedCorrections,
  countCorrect,
  createEnding,
  type Ending,
  NOBODY_AGREES,
  openModel,
} from './believed-corrections.ts'
import type { BorderDigits } from './border.ts'
import { borderAnswer, movedBorders } from './border-check.ts'
import { countAnswer, emptyTally, type GateTally, gateReport } from './gate.ts'
import type { Correction, Round, RoundOf, RoundResult, RoundStep } from './round.ts'

/** Shares of the new references that the gate decides on, in order, until one passes. */
const SHARES = [1, 0.5, 0.25, 0.125]

const NO_IMAGES = new Uint8Array()

/** Images evaluated per call of `advance`. */
const BATCH = 20

export function neighboursRound(backends: BackendFactory, task: RoundOf<NeighboursCard>): Round {
  const { shipped, served, replaySet, card } = task
  const { gate: set } = replaySet
  const [sure, classes] = [sureOf(card), modelOutputs(card)]
  const others = classes > OTHER ? (replaySet.others?.gate ?? NO_IMAGES) : NO_IMAGES
  const count = set.count + others.length / PIXELS
  const checked = believedCorrections(backends, task)
  const baseline = openModel(backends, shipped)
  const shippedTally = emptyTally(classes)
  const tries: GateTry[] = []
  const additions: Correction[] = [] // newest first
  let settled = !task.border // no border is moved, or only by the owner
  let candidate: { files: ModelFiles; model: Model; share: number; tally: GateTally } | undefined
  let [considered, baselineDone, candidateDone] = [0, 0, 0] // corrections; images
  const [before, after] = [1, 2].map(() => new Uint8Array(task.border?.labels.length ?? 0))
  let extended: Model | undefined // with all additions
  let asked = 0 // digits at borders
  let ending: Ending | undefined
  let result: RoundResult | undefined

  function conclude(part: Pick<RoundResult, 'verdict' | 'reason'> & Partial<RoundResult>): RoundStep | undefined {
    const last = tries[tries.length - 1]
    ending = createEnding(backends, served, checked, { tries, ...(last && { gate: last.gate }), ...part })
    return finish(ending)
  }

  function finish(counting: Ending): RoundStep | undefined {
    if (counting.advance()) return at(tries.length > 0 ? 'gate' : 'preparing')
    result = counting.result
    return undefined
  }

  // Looks which of the next corrections the shipped model does not know; false when all have been looked at.
  function consider(): boolean {
    const corrections = checked.believed()
    if (considered === corrections.length) return false
    for (const end = Math.min(corrections.length, considered + BATCH); considered < end; considered++) {
      const correction = corrections[considered]
      if (correction.label < classes && countCorrect(baseline, sure, [correction]) === 0) additions.unshift(correction)
    }
    return true
  }

  // Whether borders between digits are where they were; if not, the lessons that may have moved them are held back.
  function settle(border: BorderDigits): RoundStep {
    extended ??= openModel(backends, extend(backends, card, shipped.data, additions))
    for (const [right, model] of [
      [before, baseline],
      [after, extended],
    ] as const) {
      for (let i = asked; i < Math.min(border.labels.length, asked + BATCH); i++) {
        right[i] = borderAnswer(
          border.labels[i],
          judge(model.scores(border.images.subarray(i * PIXELS, (i + 1) * PIXELS)), sure),
        )
      }
    }
    asked += BATCH
    if (asked < border.labels.length) return at('preparing')
    const moved = movedBorders(border, before, after)
    settled = moved.size === 0 || !(checked.hold(moved) || checked.holdMore(moved))
    extended = undefined
    considered = asked = additions.length = 0
    while (consider());
    return at('preparing')
  }

  function measure(model: Model, tally: GateTally, from: number): number {
    const to = Math.min(from + BATCH, count)
    for (let i = from; i < to; i++) {
      // digits first, then what is none
      const [images, at, label] = i < set.count ? [set.images, i, set.labels[i]] : [others, i - set.count, OTHER]
      countAnswer(tally, label, judge(model.scores(images.subarray(at * PIXELS, (at + 1) * PIXELS)), sure))
    }
    return to
  }

  const at = (phase: RoundStep['phase']): RoundStep => ({ phase, step: tries.length, steps: SHARES.length })

  return {
    advance() {
      if (result) return undefined
      if (ending) return finish(ending)
      if (checked.advance() || consider()) return at('preparing')
      if (task.border && !settled && additions.length > 0) return settle(task.border)
      if (additions.length === 0) {
        const held = checked.verdicts.includes('held') && checked.believed().length === 0
        return conclude({ verdict: 'unchanged', reason: held ? NOBODY_AGREES : 'no drawing that it does not know' })
      }
      if (baselineDone < count) {
        baselineDone = measure(baseline, shippedTally, baselineDone)
        return at('preparing')
      }
      if (!candidate) {
        if (tries.length === SHARES.length) {
          return conclude({ verdict: 'refused', reason: tries[tries.length - 1].gate.reason })
        }
        const share = SHARES[tries.length]
        const files = extend(backends, card, shipped.data, additions.slice(0, Math.ceil(share * additions.length)))
        candidate = { files, model: openModel(backends, files), share, tally: emptyTally(classes) }
        candidateDone = 0
      }
      if (candidateDone < count) {
        candidateDone = measure(candidate.model, candidate.tally, candidateDone)
        return at('gate')
      }
      const { files, share, tally } = candidate
      const tried = { share, gate: gateReport(replaySet.name, shippedTally, tally) }
      tries.push(tried)
      candidate = undefined
      if (tried.gate.passed) conclude({ verdict: 'promoted', reason: tried.gate.reason, share, candidate: files })
      return { ...at('gate'), tried }
    },
    state: () => undefined, // a round takes no longer than reading a state would
    restore() {
      throw new RangeError('a round of neighbours has no state')
    },
    result() {
      if (!result) throw new Error('the round is not over')
      return result
    },
  }
}

/** The same model with more references. */
function extend(
  backends: BackendFactory,
  card: NeighboursCard,
  data: Uint8Array,
  corrections: readonly Correction[],
): ModelFiles {
  const describer = createDescriber(backends.create(FEATURES * 5 + PIXELS + 4096))
  const { references } = card.neighbours
  const total = references + corrections.length
  const extended = new Uint8Array(total * (FEATURES + 1))
  extended.set(data.subarray(0, references * FEATURES))
  extended.set(data.subarray(references * FEATURES), total * FEATURES)
  for (const [i, { input, label }] of corrections.entries()) {
    extended.set(describer.describe(input), (references + i) * FEATURES)
    extended[total * FEATURES + references + i] = label
  }
  const neighbours = { ...card.neighbours, references: total }
  return { card: { ...card, parameters: total * FEATURES, neighbours }, data: extended }
}
