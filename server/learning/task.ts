/** The task of a round: fixed before the round begins, by what is in the store, so that after a power cut it is the same again. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Correction, canLearn } from '../../core/learning/round.ts'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { removeSealed } from '../files/sealed.ts'
import { sha256 } from '../files/sha256.ts'
import type { LearnedModels } from '../models/served.ts'
import { versionFolder } from '../models/versions.ts'
import type { CorrectionInput, RoundRow } from '../store/round-tables.ts'
import type { RoundStore } from '../store/rounds.ts'
import type { RoundJob } from './messages.ts'
import type { ReplaySetChoice } from './replay-choice.ts'

/** Most corrections that a round learns from. */
const MOST_CORRECTIONS = 1000

/**
 * Time between two checkpoints, ms. Most rounds end before the first: a checkpoint is up to three times the weights that are
 * trained, and written for nothing unless the process dies. It is shorter after a process died, which may happen again.
 */
const [INTERVAL, AFTER_RESTART] = [300_000, 20_000]

/** Starts of the program without a round to its end after which one waits: while it waits, a process that dies in it can answer. */
const STARTS = 30

/** The first and the longest such wait, ms. */
const [FIRST_WAIT, LONGEST_WAIT] = [600, 10_000]

/** Models that give second opinions. */
const SECOND_OPINIONS = 2

export interface RoundContext {
  readonly store: RoundStore
  readonly models: LearnedModels
  readonly state: string // the state directory
  readonly replaySet: () => ReplaySetChoice
  readonly teachers?: Teachers | undefined // agreed unless given
  readonly duty: number // 0..1
  readonly interval?: number // ms between two checkpoints, INTERVAL or AFTER_RESTART unless given
}

/** Folder of the versions. */
export function versionsFolder(state: string): string {
  return join(state, 'models')
}

/** Makes the folders that rounds write to. Not at the start, which must succeed on a full disk. */
export function makeFolders(state: string): void {
  for (const folder of [versionsFolder(state), join(state, 'training')]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
}

/** Checkpoint of a round. */
export function checkpointFile(state: string, round: number): string {
  return join(state, 'training', `${round}.checkpoint`)
}

/** Removes the checkpoints of these rounds: those that a process which died has left, or that hold what was taken back. */
export function sweepCheckpoints(state: string, unwanted: (round: number) => boolean): void {
  const folder = join(state, 'training')
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const round = /^(\d+)\.checkpoint/.exec(name)?.[1]
    if (round !== undefined && unwanted(Number(round))) removeSealed(checkpointFile(state, Number(round)))
  }
}

/**
 * Fixes the task of a round: all corrections, and everything else its outcome depends on.
 * @param without networks whose corrections are left out, in hex
 */
export function beginRound(
  { store, models, replaySet }: RoundContext,
  model: string,
  seed: number,
  without: ReadonlySet<string>,
): RoundRow {
  const shipped = models.shipped(model)
  if (!shipped) throw new Error('the model is gone')
  const { until, stale } = store.learner(model)
  const left = new Set(without.size > 0 ? store.numbersFrom([...without]) : [])
  return store.begin({
    model,
    parent: models.version(model) || shipped.version,
    seed,
    corrections: store.usable(MOST_CORRECTIONS, until).filter((number) => !left.has(number)),
    newest: store.newest(),
    replaySet: replaySet().name,
    shipped: shipped.weights.sha256,
    secondOpinions: secondOpinions(models, model),
    until,
    stale,
  })
}

/** How long a round waits before it begins, ms. @param restarts since one last came to its end */
export function restartDelay(restarts: number): number {
  return restarts > STARTS ? Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (restarts - STARTS - 1)) : 0
}

/**
 * The most accurate other networks, since on drawings they have not seen networks are more reliable than other models; and of each
 * other family the most accurate model, to agree with strangers' labels.
 */
function secondOpinions(models: LearnedModels, model: string): [string, string][] {
  const others = models
    .shippedCards()
    .filter(({ id }) => id !== model)
    .sort((a, b) => b.test.accuracy - a.test.accuracy || (a.id < b.id ? -1 : 1))
  const networks = others.filter((card) => card.type === 'network' && canLearn({ card })).slice(0, SECOND_OPINIONS)
  const families = others.filter(
    ({ type }, i) => type !== 'network' && others.findIndex((one) => one.type === type) === i,
  )
  return [...networks, ...families].map(({ id, weights }) => [id, weights.sha256])
}

/** The models of a task. */
export type TaskFiles = Pick<RoundJob, 'shipped' | 'served' | 'secondOpinions'>

/**
 * Reads them from disk. Between two of them, waiting requests are answered.
 * @throws Error when one cannot be loaded
 */
export async function loadFiles(
  { models }: RoundContext,
  { model, secondOpinions: opinions }: RoundRow,
): Promise<TaskFiles> {
  await setImmediate()
  const shipped = models.loadShipped(model)
  await setImmediate()
  const served = models.load(model)
  const others: ModelFiles[] = []
  for (const [id] of opinions) {
    await setImmediate()
    others.push(models.loadShipped(id))
  }
  await setImmediate()
  return { shipped, served, secondOpinions: others }
}

/**
 * The job of a task for the thread.
 * @throws Error with a sentence when what the task depends on has changed
 */
export function roundJob(
  { store, models, state, replaySet, duty, interval, teachers = 'agreed' }: RoundContext,
  row: RoundRow,
  files: TaskFiles,
): RoundJob {
  const { round, model, parent, seed, secondOpinions: opinions, newest } = row
  const { shipped, served } = files
  const sha256Of = ({ card }: ModelFiles) => card.weights.sha256
  const known = models.shipped(model)
  if (known?.weights.sha256 !== row.shipped || sha256Of(shipped) !== row.shipped) {
    throw new Error('another model is shipped now')
  }
  if ((models.version(model) || known.version) !== parent || served.card.version !== parent) {
    throw new Error('another version is served now')
  }
  if (opinions.some(([, digest], i) => sha256Of(files.secondOpinions[i]) !== digest)) {
    throw new Error('another model is asked for a second opinion now')
  }
  const { seen, newest: highest, until } = store.learner(model)
  if (until !== row.until) throw new Error('the owner has decided since what is learned from')
  const rows = store.inputs(row.corrections)
  if (rows.length < row.corrections.length) throw new Error('a drawing was taken back')
  const choice = replaySet()
  if (row.replaySet === 'mnist' && choice.name !== 'mnist') throw new Error('the data set is gone')
  const corrections = correctionsOf(rows)
  const version = Math.max(highest, known.version) + 1
  const unseen = rows.findIndex(({ number }) => number > seen)
  return {
    round,
    model,
    parent,
    seed,
    corrections,
    teachers,
    version,
    duty,
    interval: interval ?? (store.restarts() > 0 ? AFTER_RESTART : INTERVAL),
    ...files,
    firstUnseen: unseen < 0 ? corrections.length : unseen,
    replaySet: { ...choice, name: row.replaySet === 'mnist' ? 'mnist' : 'replay' },
    identity: JSON.stringify({
      round,
      model,
      parent,
      seed,
      shipped: row.shipped,
      opinions,
      trusted: row.replaySet,
      newest,
      teachers,
      preprocess: PREPROCESS_VERSION,
      lessons: digestOf(corrections),
    }),
    checkpoint: checkpointFile(state, round),
    folder: versionFolder(versionsFolder(state), model, version),
  }
}

/** Numbers client networks by appearance: it only matters which corrections come from the same one. */
function correctionsOf(rows: readonly CorrectionInput[]): Correction[] {
  const numbers = new Map<string, number>()
  return rows.map(({ input, label, network, fromOwner }) => {
    const key = Buffer.from(network).toString('hex')
    const clientNetwork = numbers.get(key) ?? numbers.size
    numbers.set(key, clientNetwork)
    return { input, label, clientNetwork, fromOwner }
  })
}

function digestOf(corrections: readonly Correction[]): string {
  const parts = corrections.map(({ input, label, clientNetwork, fromOwner }) =>
    Buffer.concat([Buffer.from(JSON.stringify([label, clientNetwork, fromOwner])), input]),
  )
  return sha256(Buffer.concat(parts))
}
