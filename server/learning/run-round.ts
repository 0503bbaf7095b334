/**
 * Does a round of learning: trains, pauses, writes checkpoints, and writes a candidate that passed to disk. The arithmetic is
 * in core; this file is about time and disk.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES, OTHER, PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import type { BorderDigits } from '../../core/learning/border.ts'
import { createRound } from '../../core/learning/create-round.ts'
import { type LiveTally, NO_TALLY } from '../../core/learning/live-tally.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction, Round, RoundCache } from '../../core/learning/round.ts'
import { modelOutputs } from '../../core/models/create-model.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { judge, sureOf } from '../../core/models/verdict.ts'
import { readSealed, removeSealed, writeSealed } from '../files/sealed.ts'
import { loadModel } from '../models/load.ts'
import { writeVersion } from '../models/versions.ts'
import type { LearningProgress, RoundJob, RoundOutcome } from './messages.ts'
import type { RoundCaches } from './round-caches.ts'
import type { ShippedBorders } from './shipped-border.ts'

/** Time between two reports of steps, ms. Preparing takes minutes on an old phone, so it reports less often. */
const STEP_INTERVAL = { preparing: 1000, training: 200, gate: 200 } as const

/** Answers between two rests. */
const ANSWERS = 16

export interface RoundHost {
  readonly backends: BackendFactory
  readonly replaySet: ReplaySet
  readonly caches: RoundCaches
  readonly borders?: ShippedBorders
  readonly report: (progress: LearningProgress) => void
  /** Awaited after each piece of work. Rejects with Stopped when the round is to stop. */
  readonly rest: () => Promise<void>
}

/**
 * Does a round, from its checkpoint where there is one.
 * @throws Stopped; Error with a sentence when it fails
 */
export async function runRound(job: RoundJob, host: RoundHost): Promise<RoundOutcome> {
  const { replaySet, caches, report, rest } = host
  const { round: number, model, corrections, checkpoint, identity } = job
  while (replaySet.generateGate?.()) await rest()
  if (modelOutputs(job.shipped.card) > CLASSES) while (replaySet.others?.generate()) await rest()
  const { card } = job.shipped
  const border = await host.borders?.draw(model, card.weights.sha256, replaySet, rest)
  const cache = caches.find(job, replaySet)
  const round = begin(job, host, cache, border)
  let saved = performance.now()
  let reported = -Infinity
  let phase = ''
  for (;;) {
    const step = round.advance()
    if (!step) break
    const now = performance.now()
    const { tried, ...progress } = step
    if (tried) report({ type: 'gate', tried })
    if (step.phase !== phase || now - reported >= STEP_INTERVAL[step.phase]) {
      phase = step.phase
      reported = now
      report({ type: 'step', progress: { round: number, model, lessons: corrections.length, ...progress } })
    }
    if (now - saved >= job.interval) {
      writeCheckpoint(checkpoint, identity, round)
      saved = performance.now()
    }
    if (step.phase === 'training') caches.keep(job, replaySet, cache)
    try {
      await rest()
    } catch (error) {
      writeCheckpoint(checkpoint, identity, round)
      throw error
    }
  }
  const { candidate, verdicts, ...result } = round.result()
  const live = await compareLive(job, verdicts, host)
  const written = candidate && save(job, candidate, result, host)
  if (candidate) caches.write(job, replaySet)
  return { ...result, verdicts, live, ...(written && { saved: written }) }
}

function begin(job: RoundJob, { backends, replaySet }: RoundHost, cache: RoundCache, border?: BorderDigits): Round {
  const { shipped, served, secondOpinions, corrections, teachers, seed } = job
  const task = {
    shipped,
    served,
    secondOpinions,
    corrections,
    teachers,
    replaySet,
    seed,
    cache,
    ...(border && { border }),
  }
  const start = () => createRound(backends, task)
  const round = start()
  const state = readSealed(job.checkpoint, job.identity)
  if (!state) return round
  try {
    round.restore(state)
    return round
  } catch {
    removeSealed(job.checkpoint)
    return start() // a round from the beginning has the same outcome
  }
}

// Without a checkpoint, as on a full disk, an interruption costs time, but the round goes on.
function writeCheckpoint(path: string, identity: string, round: Round): void {
  try {
    const state = round.state()
    if (state) writeSealed(path, identity, state)
  } catch {
    // the next one may work
  }
}

/** Compares the served and the shipped version on the corrections that neither has learned from. */
async function compareLive(
  { shipped, served, corrections, firstUnseen }: RoundJob,
  verdicts: RoundOutcome['verdicts'],
  { backends, rest }: RoundHost,
): Promise<LiveTally> {
  const unseen = corrections.filter(({ label }, i) => i >= firstUnseen && label < CLASSES && verdicts[i] === 'learned')
  if (served.card.version === shipped.card.version || unseen.length === 0) return NO_TALLY
  const servedAnswers = await answers(backends, served, unseen, rest)
  const shippedAnswers = await answers(backends, shipped, unseen, rest)
  const tally = { judged: unseen.length, right: 0, shippedRight: 0, lost: 0 }
  for (const [i, { label }] of unseen.entries()) {
    if (servedAnswers[i] === label) tally.right++
    if (shippedAnswers[i] === label) tally.shippedRight++
    if (shippedAnswers[i] === label && servedAnswers[i] !== label) tally.lost++
  }
  return tally
}

async function answers(
  backends: BackendFactory,
  files: ModelFiles,
  corrections: readonly Correction[],
  rest: RoundHost['rest'],
): Promise<number[]> {
  const model = openModel(backends, files)
  const answered: number[] = []
  for (const { input } of corrections) {
    const { digit, verdict } = judge(model.scores(input), sureOf(files.card))
    answered.push(verdict === 'not-a-digit' ? OTHER : digit)
    if (answered.length % ANSWERS === 0) await rest()
  }
  return answered
}

// Writes a version and reads it back: one that cannot answer is not served.
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
  if (!(Math.abs(sum - 1) < 1e-3)) throw new Error('the probabilities of the candidate do not add up to 1')
  return { sha256: weights.sha256, bytes: weights.bytes }
}
