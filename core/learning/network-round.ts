/**
 * A round of a network: fine-tuning from the shipped weights, then the gate on points of the straight line from the shipped
 * weights to the trained ones (Wortsman et al. 2022), of which the farthest that passes is the candidate.
 */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import { CLASSES, PIXELS } from '../data/dataset.ts'
import { SNAP } from '../kernels.ts'
import type { NetworkCard } from '../models/card.ts'
import { mostProbable } from '../models/evaluation.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import type { GateTry } from '../protocol.ts'
import { believedCorrections, countCorrect, openModel } from './believed-corrections.ts'
import { createFineTuning, type FineTuning, fineTuningMemory, type Tuning } from './fine-tuning.ts'
import { packState, unpackState } from './fine-tuning-state.ts'
import { countAnswer, emptyTally, gateReport } from './gate.ts'
import { type Cut, createTrunk, cutNetwork, headParameters, trunkMemory, withHead } from './network-cut.ts'
import { createPoolSelection, type PoolSelection, type PoolSize, poolSelectionMemory } from './pool-selection.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures, Round, RoundOf, RoundResult, RoundStep } from './round.ts'

/** Points of the way that the gate is asked about, the farthest first. */
const SHARES = [1, 0.85, 0.7, 0.5, 0.35, 0.25]

/** Images that go through the gate in one piece of work. */
const PIECE = 50

/** Steps in one piece of work. */
const STRIDE = 4

/** What is kept of it between the convolutions and what learns takes 18 MB for the largest of the shipped networks. */
export const POOL: PoolSize = { candidates: 16_000, pool: 4000, hard: 2000 }

/** Chosen by simulation, see tools/simulate; corrections count less than replayed digits, so that more steps go less far astray. */
export const TUNING: Tuning = {
  batch: 64,
  corrections: 6, // a tenth of a batch
  perClientNetwork: 3, // a twentieth
  rate: 0.0003,
  steps: 400,
  weight: 0.3,
  augmentation: { shift: 1, rotate: 10, scale: 0.1, shear: 0.1, elastic: 2, thickness: 0.5 },
}

export function networkRound(backends: BackendFactory, task: RoundOf<NetworkCard>): Round {
  const { card, shipped, served, replaySet, seed } = task
  const kept = task.cache ?? {}
  const cut = cutNetwork(card.layers)
  const whole = parametersOf(shipped.data)
  const reading = believedCorrections(backends, task)
  let choosing: PoolSelection | undefined
  let tuning: FineTuning | undefined
  let gate: Gate | undefined
  let pending: { step: number; head: Float32Array; moments: Float32Array } | undefined
  let result: RoundResult | undefined

  function conclude(part: Pick<RoundResult, 'verdict' | 'reason'> & Partial<RoundResult>): undefined {
    const before = countCorrect(openModel(backends, served), reading.believed())
    const after = part.candidate ? countCorrect(openModel(backends, part.candidate), reading.believed()) : before
    result = { verdicts: reading.verdicts, right: { before, after }, tries: [], ...part }
  }

  function prepare(): RoundStep | undefined {
    if (reading.advance()) return { phase: 'preparing', step: 0, steps: TUNING.steps }
    const corrections = reading.believed()
    if (corrections.length === 0) return conclude({ verdict: 'unchanged', reason: 'no drawing with a plausible label' })
    if (!kept.pool) {
      choosing ??= createPoolSelection(backends.create(poolSelectionMemory(cut)), cut, whole, replaySet, POOL)
      if (!choosing.advance()) kept.pool = choosing.selected()
      return { phase: 'preparing', step: 0, steps: TUNING.steps }
    }
    if (!tuning) {
      choosing = undefined // and its memory
      const backend = backends.create(fineTuningMemory(cut, TUNING))
      tuning = createFineTuning(backend, cut, whole, corrections, replaySet, kept.pool, seed, TUNING, kept.large)
    }
    if (tuning.prepare()) return { phase: 'preparing', step: 0, steps: TUNING.steps }
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
    const at = { phase: 'training', step: training.step, steps: TUNING.steps } as const
    return done > 0 ? { ...at, loss: loss / done, accuracy: accuracy / done } : at
  }

  function askGate(training: FineTuning): RoundStep | undefined {
    gate ??= createGate(backends, cut, whole, training.head, replaySet, kept.large)
    const tried = gate.advance()
    if (tried === undefined || 'share' in tried) {
      return { phase: 'gate', step: TUNING.steps, steps: TUNING.steps, ...(tried && { tried }) }
    }
    const { tries } = tried
    const last = tries[tries.length - 1]
    const about = { tries, gate: last?.gate }
    if (!last?.gate.passed) {
      return conclude({ ...about, verdict: 'refused', reason: last?.gate.reason ?? 'training came to no numbers' })
    }
    const parameters = withHead(cut, whole, between(headParameters(cut, whole), training.head, last.share))
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
      if (!tuning || pending || tuning.step === 0) return prepare()
      return tuning.step < TUNING.steps ? train(tuning) : askGate(tuning)
    },
    state: () => (tuning && tuning.step > 0 ? packState(tuning.step, tuning.head, tuning.moments) : undefined),
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
  /** The next images; a try when all are through, the farthest point first, until one passes; then all tries. */
  advance(): GateTry | { readonly tries: readonly GateTry[] } | undefined
}

// All points are asked about each image at once: it goes through the convolutions once.
function createGate(
  backends: BackendFactory,
  cut: Cut,
  whole: Float32Array,
  trained: Float32Array,
  { name, gate: set }: Pick<ReplaySet, 'name' | 'gate'>,
  kept: CachedFeatures | undefined,
): Gate {
  const { features } = cut
  const backend = backends.create(trunkMemory(cut, PIECE) + networkMemory(cut.head, PIECE, false) + 4096)
  const trunk = createTrunk(backend, cut, whole, PIECE)
  const head = createNetwork(backend, cut.head, PIECE, false)
  const shipped = headParameters(cut, whole)
  const points = [shipped, ...SHARES.map((share) => between(shipped, trained, share))]
  const tallies = points.map(() => emptyTally(CLASSES))
  const finite = points.every((parameters) => parameters.every(Number.isFinite))
  const tries: GateTry[] = []
  const known = kept?.gate
  const found = known ?? new Float32Array((kept ? set.count : PIECE) * features)
  let seen = 0

  return {
    advance() {
      if (!finite) return { tries }
      if (seen < set.count) {
        const n = Math.min(PIECE, set.count - seen)
        const at = (kept ? seen : 0) * features
        if (!known) found.set(trunk.features(set.images.subarray(seen * PIXELS, (seen + n) * PIXELS), n), at)
        const values = found.subarray(at, at + n * features)
        for (const [k, parameters] of points.entries()) {
          head.parameters.set(parameters)
          const answers = answerAll(backend, head, values, n)
          for (let i = 0; i < n; i++) countAnswer(tallies[k], set.labels[seen + i], answers[i])
        }
        seen += n
        if (kept && seen === set.count) kept.gate = found
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
): Uint8Array {
  arena.f32(head.inputsAt, features.length).set(features)
  head.forwardValues(n)
  const outputs = arena.f32(head.outputsAt, n * CLASSES)
  return Uint8Array.from({ length: n }, (_, i) => mostProbable(outputs, i * CLASSES, CLASSES))
}

/** The point at a share of the way. */
function between(from: Float32Array, to: Float32Array, share: number): Float32Array<ArrayBuffer> {
  const factor = Math.fround(share)
  return Float32Array.from(from, (value, i) => {
    const moved = Math.fround(value + Math.fround(Math.fround(to[i] - value) * factor))
    return Math.abs(moved) < SNAP ? 0 : moved
  })
}

function parametersOf(data: Uint8Array): Float32Array<ArrayBuffer> {
  return new Float32Array(data.slice().buffer)
}
