/**
 * A round of a network: fine-tuning from the shipped weights, then the gate. The gate decides on points of the straight line from
 * the shipped weights to the trained ones (Wortsman et al. 2022); the farthest point that passes is the candidate.
 */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import { CLASSES, OTHER, PIXELS } from '../data/dataset.ts'
import { SNAP } from '../kernels.ts'
import type { NetworkCard } from '../models/card.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import { type Judgement, judge, sureOf } from '../models/verdict.ts'
import type { GateTry } from '../protocol.ts'
import { believedCorrections, createEnding, type Ending } from './believed-corrections.ts'
import { createFineTuning, type FineTuning, fineTuningMemory, type Tuning } from './fine-tuning.ts'
import { packState, unpackState } from './fine-tuning-state.ts'
import { countAnswer, emptyTally, gateReport } from './gate.ts'
import { type Cut, createTrunk, cutNetwork, headParameters, trunkMemory, withHead } from './network-cut.ts'
import { createPoolSelection, type PoolSelection, type PoolSize, poolSelectionMemory } from './pool-selection.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures, Round, RoundOf, RoundResult, RoundStep } from './round.ts'

/** Shares of the way from shipped to trained weights, the farthest first. */
const SHARES = [1, 0.85, 0.7, 0.5, 0.35, 0.25]

/** Images that the gate evaluates per call of `advance`. */
const GATE_BATCH = 50

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
  let gate: Gate | undefined
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
    if (corrections.length === 0) return conclude({ verdict: 'unchanged', reason: 'no drawing with a plausible label' })
    if (pending?.step === TUNING.steps) {
      tuned = pending
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
      tuning = undefined
      if (!cache.large) training.free()
    }
    return done > 0 ? { ...step, loss: loss / done, accuracy: accuracy / done } : step
  }

  function decide({ head }: FineTuned): RoundStep | undefined {
    if (!gate) {
      gate = createGate(backends, cut, whole, head, sureOf(card), replaySet, cache.large) // takes as long as some of its images
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
    const parameters = withHead(cut, whole, between(headParameters(cut, whole), head, last.share))
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
      if (tuned) return decide(tuned)
      return !tuning || pending || tuning.step === 0 ? prepare() : train(tuning)
    },
    state() {
      const { step, head, moments } = tuned ?? tuning ?? { step: 0 }
      return step > 0 && head && moments ? packState(step, head, moments) : undefined
    },
    restore(state) {
      const head = headParameters(cut, whole)
      pending = unpackState(state, head.length)
      if (pending.step > TUNING.steps) throw new RangeError(`step ${pending.step} of ${TUNING.steps}`)
    },
    result() {
      if (!result) throw new Error('the round is not over')
      return result
    },
  }
}

interface Gate {
  /**
   * Evaluates the next images, and returns undefined. When all are done, returns the decision on one point per call, the
   * farthest first, until one passes; after that all decisions.
   */
  advance(): GateTry | { readonly tries: readonly GateTry[] } | undefined
}

// All points answer each image at once, so that it goes through the trunk once.
function createGate(
  backends: BackendFactory,
  cut: Cut,
  whole: Float32Array,
  trained: Float32Array,
  sure: number,
  replaySet: Pick<ReplaySet, 'name' | 'gate' | 'others'>,
  cache: CachedFeatures | undefined,
): Gate {
  const { features } = cut
  const { name, gate: set } = replaySet
  const backend = backends.create(trunkMemory(cut, GATE_BATCH) + networkMemory(cut.head, GATE_BATCH, false) + 4096)
  const trunk = createTrunk(backend, cut, whole, GATE_BATCH)
  const head = createNetwork(backend, cut.head, GATE_BATCH, false)
  const shipped = headParameters(cut, whole)
  const points = [shipped, ...SHARES.map((share) => between(shipped, trained, share))]
  const others = head.outputs > CLASSES ? replaySet.others?.gate : undefined
  const count = set.count + (others?.length ?? 0) / PIXELS
  const tallies = points.map(() => emptyTally(head.outputs))
  const finite = points.every((parameters) => parameters.every(Number.isFinite))
  const tries: GateTry[] = []
  const cached = cache?.gate
  const gateFeatures = cached ?? new Float32Array((cache ? count : GATE_BATCH) * features)
  let done = 0 // images

  return {
    advance() {
      if (!finite) return { tries }
      if (done < count) {
        // digits first, then what is none
        const [images, from, end] =
          done < set.count ? [set.images, 0, set.count] : [others ?? set.images, set.count, count]
        const n = Math.min(GATE_BATCH, end - done)
        const at = (cache ? done : 0) * features
        const batch = images.subarray((done - from) * PIXELS, (done - from + n) * PIXELS)
        if (!cached) gateFeatures.set(trunk.features(batch, n), at)
        const values = gateFeatures.subarray(at, at + n * features)
        for (const [k, parameters] of points.entries()) {
          head.parameters.set(parameters)
          for (const [i, answer] of answerAll(backend, head, values, n, sure).entries()) {
            countAnswer(tallies[k], done < set.count ? set.labels[done + i] : OTHER, answer)
          }
        }
        done += n
        if (cache && done === count) cache.gate = gateFeatures
        return undefined
      }
      if (tries.length === SHARES.length || tries.some(({ gate }) => gate.passed)) return { tries }
      const report = gateReport(name, tallies[0], tallies[tries.length + 1])
      const tried = { share: SHARES[tries.length], gate: report }
      tries.push(tried)
      return tried
    },
  }
}

function answerAll(
  { arena }: Backend,
  head: ReturnType<typeof createNetwork>,
  features: Float32Array,
  n: number,
  sure: number,
): Judgement[] {
  arena.f32(head.inputsAt, features.length).set(features)
  head.forwardValues(n)
  const { outputs } = head
  if (outputs > CLASSES) head.toProbabilities(n) // verdicts need them, the most probable digit does not
  const scores = arena.f32(head.outputsAt, n * outputs)
  return Array.from({ length: n }, (_, i) => judge(scores.subarray(i * outputs, (i + 1) * outputs), sure))
}

/** The point at this share of the straight line, rounded to f32 after each operation; tiny values become 0. */
function between(from: Float32Array, to: Float32Array, share: number): Float32Array<ArrayBuffer> {
  const factor = Math.fround(share)
  const point = new Float32Array(from.length)
  for (let i = 0; i < from.length; i++) {
    const moved = Math.fround(from[i] + Math.fround(Math.fround(to[i] - from[i]) * factor))
    point[i] = Math.abs(moved) < SNAP ? 0 : moved
  }
  return point
}

function parametersOf(data: Uint8Array): Float32Array<ArrayBuffer> {
  return new Float32Array(data.slice().buffer)
}
