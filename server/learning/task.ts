/** The task of a round: fixed in the store before it begins, so that after a power cut it is taken up as it was. */

import { join } from 'node:path'
import { learns } from '../../core/learning/create-round.ts'
import type { Lesson } from '../../core/learning/round.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { PREPROCESS_VERSION } from '../../core/preprocess.ts'
import { sha256 } from '../files/sha256.ts'
import type { LearnedModels } from '../models/served.ts'
import { versionFolder } from '../models/versions.ts'
import type { LessonRow, RoundRow } from '../store/round-tables.ts'
import type { RoundStore } from '../store/rounds.ts'
import type { Order } from './messages.ts'
import type { TrustedChoice } from './replay-set.ts'

/** Corrections that a round learns from, at most. */
const MOST_LESSONS = 1000

/** Time between two checkpoints, ms. */
const INTERVAL = 2000

/** Models asked for a second opinion. */
const OPINIONS = 2

export interface TaskPlace {
  readonly store: RoundStore
  readonly models: LearnedModels
  readonly state: string // the state directory
  readonly trusted: () => TrustedChoice
  readonly duty: number // 0..1
  readonly interval?: number // ms between two checkpoints, INTERVAL unless given
}

/** Where versions are kept. */
export function versionsFolder(state: string): string {
  return join(state, 'models')
}

/** Where a round keeps what it has computed so far. */
export function checkpointFile(state: string, round: number): string {
  return join(state, 'training', `${round}.checkpoint`)
}

/** Fixes the task of a round: all corrections, and everything else its outcome depends on. */
export function beginRound({ store, models, trusted }: TaskPlace, model: string, seed: number): RoundRow {
  const shipped = models.shipped(model)
  if (!shipped) throw new Error('the model is gone')
  return store.begin({
    model,
    parent: models.version(model) || shipped.version,
    seed,
    lessons: store.usable(MOST_LESSONS),
    newest: store.newest(),
    trusted: trusted().name,
    shipped: shipped.weights.sha256,
    opinions: secondOpinions(models, model),
  })
}

/** The networks, other than the model, that are most accurate: a network says more of a drawing it has not seen than the rest. */
function secondOpinions(models: LearnedModels, model: string): [string, string][] {
  return models
    .shippedCards()
    .filter((card) => card.type === 'network' && card.id !== model && learns({ card }))
    .sort((a, b) => b.test.accuracy - a.test.accuracy || (a.id < b.id ? -1 : 1))
    .slice(0, OPINIONS)
    .map(({ id, weights }) => [id, weights.sha256])
}

/** The models of a task. */
export type TaskFiles = Pick<Order, 'shipped' | 'served' | 'opinions'>

/**
 * Reads them from disk; others have their turn between two of them.
 * @throws Error when one cannot be had
 */
export async function loadFiles({ models }: TaskPlace, { model, opinions }: RoundRow): Promise<TaskFiles> {
  await breathe()
  const shipped = models.loadShipped(model)
  await breathe()
  const served = models.load(model)
  const others: ModelFiles[] = []
  for (const [id] of opinions) {
    await breathe()
    others.push(models.loadShipped(id))
  }
  await breathe()
  return { shipped, served, opinions: others }
}

/** Lets whoever waits for the server have a turn. */
export const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * A task as the thread gets it.
 * @throws Error with a sentence when it is not the same any more
 */
export function orderOf(
  { store, models, state, trusted, duty, interval = INTERVAL }: TaskPlace,
  row: RoundRow,
  files: TaskFiles,
): Order {
  const { round, model, parent, seed, opinions, newest } = row
  const { shipped, served } = files
  const sha256Of = ({ card }: ModelFiles) => card.weights.sha256
  const known = models.shipped(model)
  if (known?.weights.sha256 !== row.shipped || sha256Of(shipped) !== row.shipped) {
    throw new Error('another model is shipped now')
  }
  if ((models.version(model) || known.version) !== parent || served.card.version !== parent) {
    throw new Error('another version is served now')
  }
  if (opinions.some(([, digest], i) => sha256Of(files.opinions[i]) !== digest)) {
    throw new Error('another model is asked for a second opinion now')
  }
  const rows = store.lessons(row.lessons)
  if (rows.length < row.lessons.length) throw new Error('a drawing was taken back')
  const choice = trusted()
  if (row.trusted === 'mnist' && choice.name !== 'mnist') throw new Error('the data set is gone')
  const lessons = lessonsOf(rows)
  const { seen, newest: highest } = store.learner(model)
  const version = Math.max(highest, known.version) + 1
  const unseen = rows.findIndex(({ number }) => number > seen)
  return {
    ...{ round, model, parent, seed, lessons, version, duty, interval },
    ...files,
    unseen: unseen < 0 ? lessons.length : unseen,
    trusted: { ...choice, name: row.trusted === 'mnist' ? 'mnist' : 'replay' },
    identity: JSON.stringify({
      ...{ round, model, parent, seed, shipped: row.shipped, opinions, trusted: row.trusted, newest },
      ...{ preprocess: PREPROCESS_VERSION, lessons: digestOf(lessons) },
    }),
    checkpoint: checkpointFile(state, round),
    folder: versionFolder(versionsFolder(state), model, version),
  }
}

/** Teachers are numbered by appearance: who they are does not matter, only that they are the same. */
function lessonsOf(rows: readonly LessonRow[]): Lesson[] {
  const teachers = new Map<string, number>()
  return rows.map(({ input, label, network, trusted }) => {
    const key = Buffer.from(network).toString('hex')
    const teacher = teachers.get(key) ?? teachers.size
    teachers.set(key, teacher)
    return { input, label, teacher, trusted }
  })
}

function digestOf(lessons: readonly Lesson[]): string {
  const parts = lessons.map(({ input, label, teacher, trusted }) =>
    Buffer.concat([Buffer.from(JSON.stringify([label, teacher, trusted])), input]),
  )
  return sha256(Buffer.concat(parts))
}
