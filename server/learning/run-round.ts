/**
 * A round of learning done: trains, rests, keeps a checkpoint, writes down a candidate that passed. What of it is arithmetic
 * is core's; this is about time and disk.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES, PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed.ts'
import { createRound } from '../../core/learning/create-round.ts'
import { type LiveTally, NO_TALLY } from '../../core/learning/live.ts'
import type { TrustedImages } from '../../core/learning/replay-set.ts'
import type { Kept, Lesson, Round } from '../../core/learning/round.ts'
import { mostProbable } from '../../core/models/evaluation.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { readSealed, removeSealed, writeSealed } from '../files/sealed.ts'
import { loadModel } from '../models/load.ts'
import { writeVersion } from '../models/versions.ts'
import type { Order, Outcome, Report } from './messages.ts'
import type { Keeping } from './replay-cache.ts'

/** Time between two reports of steps, ms; while preparing, which takes minutes on an old phone, there is less to tell. */
const STEP_INTERVAL = { preparing: 1000, training: 200, gate: 200 } as const

/** Work that was told to stop. */
export class Stopped extends Error {}

export interface Surroundings {
  readonly backends: BackendFactory
  readonly trusted: TrustedImages
  readonly keeping: Keeping
  readonly tell: (report: Report) => void
  /** Awaited after a piece of work that took so many ms: rests. Rejects with Stopped when the work is to end. */
  readonly breathe: (worked: number) => Promise<void>
}

/**
 * Does a round, from its checkpoint where there is one.
 * @throws Stopped; Error with a sentence when it fails
 */
export async function work(order: Order, surroundings: Surroundings): Promise<Outcome> {
  const { backends, trusted, keeping, tell, breathe } = surroundings
  const { round: number, model, lessons, checkpoint, identity } = order
  const kept = keeping.find(order, trusted)
  const round = begin(order, backends, trusted, kept)
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
      tell({ type: 'step', progress: { round: number, model, lessons: lessons.length, ...rest } })
    }
    if (now - saved >= order.interval) {
      keep(checkpoint, identity, round)
      saved = performance.now()
    }
    if (step.phase === 'training') keeping.keep(order, trusted, kept)
    try {
      await breathe(now - started)
    } catch (error) {
      keep(checkpoint, identity, round)
      throw error
    }
  }
  const { candidate, lessons: verdicts, ...result } = round.result()
  const live = await judge(order, verdicts, surroundings)
  const written = candidate && save(order, candidate, result, surroundings)
  return { ...result, verdicts, live, ...(written && { saved: written }) }
}

function begin(order: Order, backends: BackendFactory, trusted: TrustedImages, kept: Kept): Round {
  const { shipped, served, opinions, lessons, seed } = order
  const start = () => createRound(backends, { shipped, served, opinions, lessons, trusted, seed, kept })
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
function keep(path: string, identity: string, round: Round): void {
  try {
    const state = round.state()
    if (state) writeSealed(path, identity, state)
  } catch {
    // the next one may work
  }
}

/** What served and shipped version answer to lessons that neither has learned from. */
async function judge(
  { shipped, served, lessons, unseen }: Order,
  verdicts: Outcome['verdicts'],
  { backends, breathe }: Surroundings,
): Promise<LiveTally> {
  const judged = lessons.filter(({ label }, i) => i >= unseen && label < CLASSES && verdicts[i] === 'learned')
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

function answers(backends: BackendFactory, files: ModelFiles, lessons: readonly Lesson[]): number[] {
  const model = openModel(backends, files)
  return lessons.map(({ input }) => mostProbable(model.probabilities(input), 0, CLASSES))
}

// Writes a version and reads it again: what cannot answer is not served.
function save(
  { round, parent, folder, version, shipped }: Order,
  candidate: ModelFiles,
  { share, gate }: Pick<Outcome, 'share' | 'gate'>,
  { backends, trusted }: Surroundings,
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
    .probabilities(trusted.gate.images.subarray(0, PIXELS))
    .reduce((total, probability) => total + probability, 0)
  if (!(Math.abs(sum - 1) < 1e-3)) throw new Error('the candidate gives probabilities that are none')
  return { sha256: weights.sha256, bytes: weights.bytes }
}
