/** Brings the parts of learning together: the served models, the learner behind them, and what the routes use. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { ModelSource } from '../../core/models/source.ts'
import { loadedMemory, type Recognizer } from '../../core/recognizer.ts'
import type { ModelStore } from '../models/model-store.ts'
import { LearnedModels } from '../models/served.ts'
import type { LearningPermit } from '../phone/learning-permit.ts'
import { isPhone } from '../phone/machine.ts'
import type { Database } from '../store/database.ts'
import { retireStaleVersions } from '../store/forgetting.ts'
import { RoundStore } from '../store/rounds.ts'
import { createEvents, type Events } from './events.ts'
import { Learner } from './learner.ts'
import { createLearning, type Learning, learnersOf, learningOff } from './learning.ts'
import { chooseReplaySet, type ReplaySetChoice } from './replay-choice.ts'
import { createLearningRunner, type LearningRunner } from './runner.ts'
import { sweepCheckpoints, versionsFolder } from './task.ts'

/** Event numbers reserved for one start of the program: after a restart, numbers continue above all earlier ones. */
const NUMBERS_PER_START = 2 ** 30

/**
 * Share of the time in which the thread computes, on machines with several processor cores and with one, and on phones: Android ends
 * processes that keep a core busy in the background. What the other threads do for a round stays below half of a core with it.
 */
const [DUTY, SHARED_DUTY, PHONE_DUTY] = [1, 0.5, 0.4]

export interface LearningOptions {
  /** Undefined where nothing is stored. */
  readonly database: Database | undefined
  readonly teachers?: Teachers | undefined // whose corrections count, agreed unless given
  readonly off?: boolean // corrections are kept, and nothing is learned from them
  /** Whether the battery of a phone allows learning; nobody is asked unless given. */
  readonly permit?: LearningPermit | undefined
  readonly state: string // the state directory
  readonly shipped: ModelSource
  readonly files: ModelStore
  readonly memory: number // bytes that loaded models may take
  readonly dataDir: string
  readonly warn: (message: string) => void
  readonly runner?: LearningRunner // a thread unless given
  readonly collect?: number // ms
  readonly retry?: number // ms
  readonly seed?: number
  readonly interval?: number // ms between two checkpoints
  readonly replaySet?: () => ReplaySetChoice
}

export interface OpenLearning {
  readonly models: LearnedModels
  readonly learning: Learning
  /** Sets the recognizer that answers with the models. */
  serve(recognizer: Recognizer): void
  /** Resumes what was interrupted. */
  begin(): void
  /** Ends all event streams and the thread. The current round is resumed at the next start. */
  close(): Promise<void>
  readonly learner: Learner | undefined
}

export function openLearning(options: LearningOptions): OpenLearning {
  const { state, shipped, files, memory, dataDir, warn } = options
  const started = startStore(options)
  const folder = versionsFolder(state)
  const store = started.store
  retireStale(options)
  const accept = (card: Parameters<typeof loadedMemory>[0]) => loadedMemory(card) <= memory
  const models = new LearnedModels({ shipped, files, folder, store, accept, warn })
  const events: Events = createEvents(started.number * NUMBERS_PER_START)
  let recognizer: Recognizer | undefined
  const preload = (model: string) => {
    try {
      recognizer?.load(model)
    } catch (error) {
      warn(`model ${model} cannot be loaded: ${messageOf(error)}`)
    }
  }
  const defaultModel = () => {
    try {
      return recognizer?.defaultModel ?? ''
    } catch {
      return '' // no model works
    }
  }
  if (!store) {
    return {
      models,
      learning: learningOff(started.reason, models, events, started.count),
      learner: undefined,
      serve() {},
      begin() {},
      close: async () => events.close(),
    }
  }
  try {
    sweepCheckpoints(state, (round) => store.hasEnded(round))
  } catch (error) {
    warn(`what rounds that ended have left stays on disk: ${messageOf(error)}`)
  }
  const learner = new Learner({
    ...options,
    store,
    models,
    warn,
    preload,
    replaySet: options.replaySet ?? (() => chooseReplaySet(join(state, 'training'), dataDir)),
    duty: isPhone() ? PHONE_DUTY : availableParallelism() >= 2 ? DUTY : SHARED_DUTY,
    runner: options.runner ?? createLearningRunner(),
    emit: (event) => events.emit(event),
    learners: () => learnersOf(store, models, defaultModel()),
  })
  options.database?.onReplaced.push(() => {
    store.forgetBegun()
    models.reload()
    learner.startOver()
  })
  return {
    models,
    learner,
    learning: createLearning({ store, models, learner, events, defaultModel, preload }),
    serve(one) {
      recognizer = one
    },
    begin: () => learner.resume(),
    async close() {
      events.close()
      await learner.close()
    },
  }
}

// Without a store nothing is learned, but predictions work.
function startStore({ database, off, warn }: LearningOptions) {
  if (database?.broken)
    return { store: undefined, number: 0, reason: 'what is kept here is damaged and waits for repair' }
  const store = database && new RoundStore(database)
  if (!store || off) {
    return { store: undefined, number: 0, reason: 'learning is switched off', count: () => store?.corrections() }
  }
  try {
    return { store, number: store.start(), reason: '' }
  } catch (error) {
    warn(`events are counted from 0: ${messageOf(error)}`)
    return { store, number: 0, reason: '' }
  }
}

// An earlier release of this program left some of those that know what was taken back.
function retireStale({ database, off, warn }: LearningOptions): void {
  if (!database || database.broken || off) return
  try {
    retireStaleVersions(database)
  } catch (error) {
    warn(`versions may know what was taken back: ${messageOf(error)}`)
  }
}
