/**
 * A round of a network: fine-tuning from the shipped weights, anew without what moved borders between digits, then the gate. The gate
 * decides on points of the straight line from the shipped weights to the trained ones; the farthest point that passes is the candidate.
 */

import type { BackendFactory } from '../backend/backend.ts'
import type { NetworkCard } from '../models/card.ts'
import { sureOf } from '../models/verdict.ts'
import { believedCorrections, createEnding, type Ending, NOBODY_AGREES } from './believed-corrections.ts'
import type { BorderDigits } from './border.ts'
import { createFineTuning, type FineTuning, fineTuningMemory, type Tuning } from './fine-tuning.ts'
import { packState, unpackState } from './fine-tuning-state.ts'
import { cutNetwork, headParameters, withHead } from './network-cut.ts'
import { type BorderCheck, createBorderCheck, createGate, type NetworkGate, pointBetween } from './network-gate.ts'
import { createPoolSelection, type PoolSelection, type PoolSize, poolSelectionMemory } from './pool-selection.ts'
import type { CorrectionVerdict, Round, RoundOf, RoundResult, RoundStep } from './round.ts'

/** Training steps per call of `advance`. */
const STRIDE = 4

/** The features of this pool take 18 MB for the largest shipped network. */
export const POOL: PoolSize = { candidates: 16_000, pool: 4000, hard: 2000 }

/** Found by simulation, see tools/simulate. Corrections weigh less than replayed digits, so that more steps do less damage. */
export const TUNING: Tuning = {
  batch: 64,
  corrections: 6, // a tenth of a batch
  perPlace: 5,
  perClientNetwork: 3, // a twentieth
  rate: 0.0003,
  steps: 400,
  weight: 0.3,
  augmentation: { shift: 1, rotate: 10, scale: 0.1, shear: 0.1, elastic: 2, thickness: 0.5 },
}

/** What is left of fine-tuning: its features take ten times as much, and the gate has no use for them. */
type FineTuned = Pick<FineTuning, 'step' | 'head' | 'moments'>

export function networkRound(backends: BackendFactory, task: RoundOf<NetworkCard>): Round {
  const { card, shipped, served, replaySet, seed } = task
  const cache = task.cache ?? {}
  const cut = cutNetwork(card.layers)
  const whole = parametersOf(shipped.data)
  const checked = believedCorrections(backends, task)
  let selection: PoolSelection | undefined
  let tuning: FineTuning | undefined
  let pending: FineTuned | undefined // to be restored
  let tuned: FineTuned | undefined // when all steps are done
  let check: BorderCheck | undefined
  let settled = !task.border // no border is moved, or only by the owner
  let farthest = 1 // share of the way to the trained weights that borders allow
  let gate: NetworkGate | undefined
  let ending: Ending | undefined
  let result: RoundResult | undefined

  const at = (phase: RoundStep['phase'], step: number): RoundStep => ({ phase, step, steps: TUNING.steps })

  function conclude(part: Pick<RoundResult, 'verdict' | 'reason'> & Partial<RoundResult>): RoundStep | undefined {
    ending = createEnding(backends, served, checked, { tries: [], ...part })
    return finish(ending)
  }

  function finish(counting: Ending): RoundStep | undefined {
    if (counting.advance()) return at('gate', TUNING.steps)
    result = counting.result
    return undefined
  }

  function prepare(): RoundStep | undefined {
    if (checked.advance()) return at('preparing', 0)
    const corrections = checked.believed()
    if (corrections.length === 0) return conclude({ verdict: 'unchanged', reason: nothingLearned(checked.verdicts) })
    if (pending?.step === TUNING.steps) {
      tuned = pending
      pending = undefined
      return at('gate', TUNING.steps)
    }
    if (!cache.pool) {
      selection ??= createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, replaySet, POOL)
      if (!selection.advance()) cache.pool = selection.selected()
      return at('preparing', 0)
    }
    if (!tuning) {
      selection = undefined // frees its memory
      const backend = backends.create(fineTuningMemory(cut, TUNING))
      tuning = createFineTuning(backend, cut, whole, corrections, replaySet, cache.pool, seed, TUNING, cache.large)
    }
    if (tuning.prepare()) return at('preparing', 0)
    if (pending) tuning.restore(pending.step, pending.head, pending.moments)
    pending = undefined
    return train(tuning)
  }

  function train(training: FineTuning): RoundStep {
    let [loss, accuracy, done] = [0, 0, 0]
    for (; done < STRIDE && training.step < TUNING.steps; done++) {
      const step = training.advance()
      loss += step.loss
      accuracy += step.accuracy
    }
    const step = at('training', training.step)
    if (training.step === TUNING.steps) {
      tuned = { step: training.step, head: training.head.slice(), moments: training.moments.slice() }
      if (settled) release()
    }
    return done > 0 ? { ...step, loss: loss / done, accuracy: accuracy / done } : step
  }

  function release(): void {
    if (!cache.large) tuning?.free()
    tuning = undefined
  }

  // Whether borders between digits are where they were. If not, it begins again without the lessons of these pairs; where there is none,
  // it goes a shorter way; where that moves borders too, it begins again without more lessons.
  function settle({ head }: FineTuned, border: BorderDigits): RoundStep {
    check ??= createBorderCheck(backends, cut, whole, head, sureOf(card), border)
    if (check.advance()) return at('gate', TUNING.steps)
    const moved = check.moved()
    const share = checked.believed().some(({ fromOwner }) => fromOwner) ? undefined : check.share() // the owner may move borders
    check = undefined
    if (moved.size > 0 && (checked.hold(moved) || (!share && checked.holdMore(moved)))) {
      tuned = undefined
      tuning?.restart(checked.believed())
      return at('preparing', 0)
    }
    farthest = share ?? 1
    settled = true
    release()
    return at('gate', TUNING.steps)
  }

  function decide({ head }: FineTuned): RoundStep | undefined {
    if (!gate) {
      gate = createGate(backends, cut, whole, head, sureOf(card), replaySet, cache.large, farthest) // takes as long as some of its images
      return at('gate', TUNING.steps)
    }
    const tried = gate.advance()
    if (tried === undefined || 'share' in tried) return { ...at('gate', TUNING.steps), ...(tried && { tried }) }
    const { tries } = tried
    const last = tries[tries.length - 1]
    const about = { tries, gate: last?.gate }
    if (!last?.gate.passed) {
      return conclude({ ...about, verdict: 'refused', reason: last?.gate.reason ?? 'training came to no numbers' })
    }
    const parameters = withHead(cut, whole, pointBetween(headParameters(cut, whole), head, last.share))
    const data = new Uint8Array(parameters.buffer)
    return conclude({
      ...about,
      verdict: 'promoted',
      reason: last.gate.reason,
      share: last.share,
      candidate: { card, data },
    })
  }

  return {
    advance() {
      if (result) return undefined
      if (ending) return finish(ending)
      if (tuned) return task.border && !settled ? settle(tuned, task.border) : decide(tuned)
      return !tuning || pending || tuning.step === 0 ? prepare() : train(tuning)
    },
    state() {
      const { step, head, moments } = tuned ?? tuning ?? { step: 0 }
      if (step === 0 || !head || !moments) return undefined
      const { held, holds } = checked.state()
      return concatenate(Uint8Array.of(holds), held, packState(step, head, moments))
    },
    restore(state) {
      const from = 1 + task.corrections.length
      pending = unpackState(state.slice(from), headParameters(cut, whole).length)
      if (pending.step > TUNING.steps) throw new RangeError(`step ${pending.step} of ${TUNING.steps}`)
      checked.restore({ holds: state[0], held: state.subarray(1, from) })
    },
    result() {
      if (!result) throw new Error('the round is not over')
      return result
    },
  }
}

function parametersOf(data: Uint8Array): Float32Array<ArrayBuffer> {
  return new Float32Array(data.slice().buffer)
}

function nothingLearned(verdicts: readonly CorrectionVerdict[]): string {
  if (!verdicts.includes('held')) return 'no drawing with a plausible label'
  return NOBODY_AGREES
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
