/**
 * A round of learning done: trains, rests, keeps a checkpoint, writes down a candidate that passed. What of it is arithmetic
 * is core's; this is about time and disk.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES, PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import { createRound } from '../../core/learning/create-round.ts'
import { type LiveTally, NO_TALLY } from '../../core/learning/live-tally.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction, Round, RoundCache } from '../../core/learning/round.ts'
import { mostProbable } from '../../core/models/evaluation.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { readSealed, removeSealed, writeSealed } from '../files/sealed.ts'
import { loadModel } from '../models/load.ts'
import { writeVersion } from '../models/versions.ts'
import type { LearningReport, RoundJob, RoundOutcome } from './messages.ts'
import type { RoundCaches } from './round-caches.ts'

/** Time between two reports of steps, ms; while preparing, which takes minutes on an old phone, there is less to tell. */
const STEP_INTERVAL = { preparing: 1000, training: 200, gate: 200 } as const

/** Work that was told to stop. */
export class Stopped extends Error {}

export interface RoundHost {
  readonly backends: BackendFactory
  readonly replaySet: ReplaySet
  readonly caches: RoundCaches
  readonly report: (report: LearningReport) => void
  /** Awaited after a piece of work that took so many ms: rests. Rejects with Stopped when the work is to end. */
  readonly rest: (worked: number) => Promise<void>
}

/**
 * Does a round, from its checkpoint where there is one.
 * @throws Stopped; Error with a sentence when it fails
 */
export async function runRound(order: RoundJob, surroundings: RoundHost): Promise<RoundOutcome> {
  const { backends, replaySet, caches: keeping, report: tell, rest: breathe } = surroundings
  const { round: number, model, corrections, checkpoint, identity } = order
  const kept = keeping.find(order, replaySet)
  const round = begin(order, backends, replaySet, kept)
  let saved = performance.now()
  let told = -Infinity
  let phase = ''
  for (;;) {
    const started = performance.now()
    const step = round.advance()
    if (!step) break
    const now = performance.now()
    const { tried, ...rest } = step
    if (tried) tell({ type: 'gate', tried })
    if (step.phase !== phase || now - told >= STEP_INTERVAL[step.phase]) {
      phase = step.phase
      told = now
      tell({ type: 'step', progress: { round: number, model, lessons: corrections.length, ...rest } })
    }
    if (now - saved >= order.interval) {
      writeCheckpoint(checkpoint, identity, round)
      saved = performance.now()
    }
    if (step.phase === 'training') keeping.keep(order, replaySet, kept)
    try {
      await breathe(now - started)
    } catch (error) {
      writeCheckpoint(checkpoint, identity, round)
      throw error
    }
  }
  const { candidate, verdicts, ...result } = round.result()
  const live = await compareLive(order, verdicts, surroundings)
  const written = candidate && save(order, candidate, result, surroundings)
  return { ...result, verdicts, live, ...(written && { saved: written }) }
}

function begin(order: RoundJob, backends: BackendFactory, trusted: ReplaySet, kept: RoundCache): Round {
  const { shipped, served, secondOpinions, corrections, seed } = order
  const start = () =>
    createRound(backends, { shipped, served, secondOpinions, corrections, replaySet: trusted, seed, cache: kept })
  const round = start()
  const state = readSealed(order.checkpoint, order.identity)
  if (!state) return round
  try {
    round.restore(state)
    return round
  } catch {
    removeSealed(order.checkpoint)
    return start() // from the beginning it comes to the same
  }
}

// A full disk costs time after an interruption, not the round.
function writeCheckpoint(path: string, identity: string, round: Round): void {
  try {
    const state = round.state()
    if (state) writeSealed(path, identity, state)
  } catch {
    // the next one may work
  }
}

/** What served and shipped version answer to corrections that neither has learned from. */
async function compareLive(
  { shipped, served, corrections, firstUnseen }: RoundJob,
  verdicts: RoundOutcome['verdicts'],
  { backends, rest: breathe }: RoundHost,
): Promise<LiveTally> {
  const judged = corrections.filter(({ label }, i) => i >= firstUnseen && label < CLASSES && verdicts[i] === 'learned')
  if (served.card.version === shipped.card.version || judged.length === 0) return NO_TALLY
  const started = performance.now()
  const [mine, theirs] = [served, shipped].map((files) => answers(backends, files, judged))
  const tally = { judged: judged.length, right: 0, shippedRight: 0, lost: 0 }
  for (const [i, { label }] of judged.entries()) {
    if (mine[i] === label) tally.right++
    if (theirs[i] === label) tally.shippedRight++
    if (theirs[i] === label && mine[i] !== label) tally.lost++
  }
  await breathe(performance.now() - started)
  return tally
}

function answers(backends: BackendFactory, files: ModelFiles, corrections: readonly Correction[]): number[] {
  const model = openModel(backends, files)
  return corrections.map(({ input }) => mostProbable(model.probabilities(input), 0, CLASSES))
}

// Writes a version and reads it again: what cannot answer is not served.
function save(
  { round, parent, folder, version, shipped }: RoundJob,
  candidate: ModelFiles,
  { share, gate }: Pick<RoundOutcome, 'share' | 'gate'>,
  { backends, replaySet }: RoundHost,
) {
  const learned = {
    parent,
    round,
    shipped: shipped.card.weights.sha256,
    ...(share && { share }),
    ...(gate && { gate }),
  }
  const { weights } = writeVersion(folder, candidate, version, learned)
  const sum = openModel(backends, loadModel(folder))
    .probabilities(replaySet.gate.images.subarray(0, PIXELS))
    .reduce((total, probability) => total + probability, 0)
  if (!(Math.abs(sum - 1) < 1e-3)) throw new Error('the candidate gives probabilities that are none')
  return { sha256: weights.sha256, bytes: weights.bytes }
}
