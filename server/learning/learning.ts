/** Learning for the routes and the command line: its state, starting and stopping rounds, versions of a model, rollback. */

import { InputError } from '../../core/errors.ts'
import { canLearn } from '../../core/learning/round.ts'
import type { Card } from '../../core/models/card.ts'
import type { TrainingResponse, VersionSummary, VersionsResponse } from '../../core/protocol.ts'
import { unknownModel } from '../../core/recognizer.ts'
import { BusyError } from '../http/problem.ts'
import type { LearnedModels } from '../models/served.ts'
import type { VersionRow } from '../store/round-tables.ts'
import type { RoundStore } from '../store/rounds.ts'
import type { Events } from './events.ts'
import type { Learner } from './learner.ts'

/** Reports of rounds in the state of learning. */
const REPORTS = 20

/** What a rollback does until the owner ends it. */
const HOLD = 'since the rollback it learns only from the owner; resume lets the other corrections in'
/** Why another version is served. */
const FORGOTTEN = 'a drawing it had learned from was taken back'

/** Learning from corrections. Where it is off, methods that change something throw InputError 409 learning_off. */
export interface Learning {
  /** To be called when corrections have been added. */
  notice(): void
  /**
   * To be called when corrections have been taken back. No version that knows one is served when this returns.
   * @param network of who took it back, in hex, unless it was the owner
   * @returns the round under way, which goes on; resolves when a round that knows one has ended and left nothing on disk
   */
  takenBack(network?: string): Promise<number | undefined>
  /** Ids of the models that will learn from a correction, or from a confirmation of this model; none where learning is off. */
  models(confirmed?: string): readonly string[]
  state(): TrainingResponse
  /**
   * Begins a round of a model, or of all that learn unless one is named. Resolves when it is known whether it waits for the
   * battery of a phone.
   * @throws InputError 404 unknown_model, 409 cannot_learn, nothing_to_learn
   */
  start(model?: string): Promise<void>
  /** Stops the current round. Nothing begins until a new correction or `start`. */
  stop(): void
  /** @throws InputError 404 unknown_model */
  versions(model: string): VersionsResponse
  /**
   * Serves another version, the previous one unless named. From then on the model learns only from what that version knew and what
   * comes from the owner, until `resume`.
   * @throws InputError 404 unknown_model, unknown_version; 409 gone, nothing_before
   */
  rollback(model: string, version?: number): VersionsResponse
  /** Lets a model learn from everybody again after a rollback. @throws InputError 404 unknown_model */
  resume(model: string): VersionsResponse
  readonly events: Events
}

export interface LearningParts {
  readonly store: RoundStore
  readonly models: LearnedModels
  readonly learner: Learner
  readonly events: Events
  readonly defaultModel: () => string
  readonly preload: (model: string) => void
}

/**
 * Ids of the models that learn: those whose answers were corrected, the last corrected first, then the default model, and those that are to
 * learn anew because a correction was taken back.
 */
export function learnersOf(store: RoundStore, models: LearnedModels, first: string): string[] {
  const able = (id: string) => {
    const card = models.shipped(id)
    return card !== undefined && canLearn({ card })
  }
  return [...new Set([...store.corrected(), first, ...store.stale()])].filter(able)
}

export function createLearning({ store, models, learner, events, defaultModel, preload }: LearningParts): Learning {
  const learners = () => learnersOf(store, models, defaultModel())

  function shippedCard(model: string) {
    const card = models.shipped(model)
    if (!card) throw unknownModel(models.list().map(({ id }) => id))
    return card
  }

  function announceWaiting(): void {
    try {
      events.emit({ type: 'correction', waiting: store.corrections().waiting })
    } catch {
      // it is stored all the same
    }
  }

  models.onFallBack = (model, from, to, reason = 'the version that was served cannot be read') => {
    const version = to || (models.shipped(model)?.version ?? 1)
    events.emit({ type: 'served', model, version, before: from, why: 'rolled-back', reason })
  }

  return {
    events,
    models: (confirmed) => learners().filter((id) => confirmed === undefined || id === confirmed),

    notice() {
      learner.notice()
      announceWaiting()
    },

    takenBack(network) {
      for (const { model, before } of models.refreshServed()) {
        const version = models.version(model) || (models.shipped(model)?.version ?? 1)
        setImmediate(() => preload(model)) // a request before that loads it
        events.emit({ type: 'served', model, version, before, why: 'rolled-back', reason: FORGOTTEN })
      }
      announceWaiting()
      return learner.takenBack(network)
    },

    state() {
      const { progress, wait } = learner
      try {
        const { waiting, kept, held } = store.corrections()
        const holds = store.holds()
        return {
          state: progress ? 'training' : 'idle',
          ...(progress && { round: progress }),
          ...(wait && { learningWaits: wait }),
          waiting,
          ...(held > 0 && { held }),
          ...(holds.length > 0 && { holds }),
          corrections: kept,
          models: learners(),
          rounds: store.reports(REPORTS),
        }
      } catch (error) {
        if (!(error instanceof BusyError)) throw error
        return { state: 'off', reason: error.message, waiting: 0, corrections: 0, models: [], rounds: [] }
      }
    },

    start(model) {
      if (model !== undefined && !canLearn({ card: shippedCard(model) })) {
        throw new InputError(409, 'cannot_learn', 'a model of that kind does not learn')
      }
      if (store.newest() === 0) throw new InputError(409, 'nothing_to_learn', 'there are no corrections yet')
      return learner.start(model === undefined ? learners() : [model])
    },

    stop: () => learner.stop('stopped by the owner'),

    versions(model) {
      const shipped = shippedCard(model)
      return versionsOf(store, shipped, models.version(model) || shipped.version)
    },

    rollback(model, version) {
      const shipped = shippedCard(model)
      const before = models.version(model) || shipped.version
      const rows = store.versions(model)
      const usable = (row: VersionRow) => row.kept && row.shipped === shipped.weights.sha256
      const wanted = version ?? rows.find((row) => row.version < before && usable(row))?.version ?? shipped.version
      if (wanted !== shipped.version) {
        const row = rows.find((one) => one.version === wanted)
        if (!row) throw new InputError(404, 'unknown_version', 'that model has no such version')
        if (!usable(row)) throw new InputError(409, 'gone', 'the weights of that version are not kept any more')
      }
      if (version === undefined && before === shipped.version) {
        throw new InputError(409, 'nothing_before', 'the shipped version is served, there is none before it')
      }
      learner.stop('the owner chose another version', model)
      const serve = wanted === shipped.version ? 0 : wanted
      const { newest } = store.learner(model)
      const until = store.knownTo(rows.find((one) => one.version === serve)?.round ?? 0)
      // tallies of other versions do not count for this one
      const base = serve === 0 ? newest : 0
      store.setLearner(model, { version: serve, seen: store.newest(), paused: true, base, until, stale: 0 })
      models.serve(model, serve)
      preload(model)
      const now = models.version(model) || shipped.version
      if (now !== before) {
        const reason = 'the owner chose it'
        events.emit({ type: 'served', model, version: now, before, why: 'rolled-back', reason })
      }
      return this.versions(model)
    },

    resume(model) {
      shippedCard(model)
      const { until, stale } = store.learner(model)
      if (until !== null) {
        store.setLearner(model, { until: null, stale: stale + 1 })
        this.notice()
      }
      return this.versions(model)
    },
  }
}

/**
 * Learning that is off.
 * @param reason why, in a sentence
 * @param count the corrections that are stored all the same
 */
export function learningOff(
  reason: string,
  models: Pick<LearnedModels, 'shipped' | 'list'>,
  events: Events,
  count: () => ReturnType<RoundStore['corrections']> | undefined = () => undefined,
): Learning {
  const refuse = (): never => {
    throw new InputError(409, 'learning_off', reason)
  }
  return {
    events,
    notice() {},
    takenBack: async () => undefined,
    models: () => [],
    state() {
      const off = { state: 'off', reason, waiting: 0, corrections: 0, models: [], rounds: [] } as const
      try {
        const { kept = 0, waiting = 0 } = count() ?? {}
        return { ...off, waiting, corrections: kept }
      } catch {
        return off // the storage cannot be read now
      }
    },
    start: refuse,
    stop: refuse,
    rollback: refuse,
    resume: refuse,
    versions(model) {
      const card = models.shipped(model)
      if (!card) throw unknownModel(models.list().map(({ id }) => id))
      return versionsOf(undefined, card, card.version)
    },
  }
}

/** The versions of a model, newest first. The last is the shipped one, which is always available. */
export function versionsOf(store: RoundStore | undefined, { id, version, weights }: Card, served: number) {
  const { sha256, bytes } = weights
  const shipped: VersionSummary = { version, served: served === version, available: true, sha256, bytes }
  const learned = store?.versions(id).map((row) => summary(store, row, served, sha256)) ?? []
  const until = store?.learner(id).until ?? null
  const hold = store && until !== null && { corrections: store.heldSince(until), message: HOLD }
  return { model: id, served, ...(hold && { hold }), versions: [...learned, shipped] } satisfies VersionsResponse
}

function summary(store: RoundStore, row: VersionRow, served: number, shipped: string): VersionSummary {
  const { version, parent, sha256, bytes, at, live } = row
  const { judged, right, shippedRight } = live
  const round = store.report(row.round)
  return {
    version,
    parent,
    sha256,
    bytes,
    served: version === served,
    available: row.kept && row.shipped === shipped,
    at: new Date(at).toISOString(),
    ...(round && { round }),
    ...(judged > 0 && { live: { judged, right, shippedRight } }),
  }
}
