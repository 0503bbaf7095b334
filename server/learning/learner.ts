/**
 * Learns from corrections while the server answers: one round after the other on the learning thread. What is to be done is
 * read off the store each time, so that nothing is forgotten by an interruption.
 */

import { mkdirSync } from 'node:fs'
import type { RoundProgress, TrainingEvent } from '../../core/protocol.ts'
import { removeSealed } from '../files/sealed.ts'
import { removeVersion, surplus } from '../models/versions.ts'
import type { RoundRow } from '../store/round-tables.ts'
import { type Decision, decide, decideWithout } from './decision.ts'
import type { LearningReport, RoundJob } from './messages.ts'
import { canPrepare } from './replay-set.ts'
import type { Ended, LearningRunner, RunningJob } from './runner.ts'
import { beginRound, checkpointFile, loadFiles, nextTurn, type RoundContext, roundJob, versionsFolder } from './task.ts'

/** How long after a correction a round begins, so that the next ones are in it too, ms. */
const COLLECT = 300

/** Failures of a round after which it is given up, until there is another correction. */
const FAILURES = 2

/** A process that died this often in one round, however it did, waits before it tries again: it shall answer meanwhile. */
const [DEATHS, LONGEST_WAIT] = [30, 10_000] // ms

/** When what failed for want of storage is tried again, ms. */
const RETRY = 5000

/** Every round by the same seed: the same corrections come to the same weights. */
export const SEED = 1

export interface LearnerOptions extends RoundContext {
  readonly runner: LearningRunner
  readonly emit: (event: TrainingEvent) => void
  /** Models that learn, in the order of their turns. */
  readonly learners: () => readonly string[]
  /** Makes a model ready to answer. */
  readonly preload: (model: string) => void
  readonly warn: (message: string) => void
  readonly collect?: number // ms, COLLECT unless given
  readonly retry?: number // ms, RETRY unless given
  readonly seed?: number
}

interface Running {
  readonly row: RoundRow
  readonly job: RunningJob
  progress: RoundProgress
  why: string // it was told to stop
}

export class Learner {
  readonly #options: LearnerOptions
  readonly #asked = new Set<string>() // models whose turn it is by the owner's wish
  #timer: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined
  #running: Running | undefined
  #coming: RoundProgress | undefined // while its models are read
  #preparing: RunningJob | undefined
  #prepared = false // or tried to
  #busy = false // between two events of a round
  #halted = false // by the owner, until there is a new correction
  #closed = false
  #waits = '' // why, that it is told once
  #idle: (() => void)[] = []

  constructor(options: LearnerOptions) {
    this.#options = options
    mkdirSync(versionsFolder(options.state), { recursive: true, mode: 0o700 })
    mkdirSync(`${options.state}/training`, { recursive: true, mode: 0o700 })
  }

  /** Corrections have come or gone. */
  notice(): void {
    this.#halted = false
    this.#preparing?.stop()
    this.#schedule(this.#options.collect ?? COLLECT)
  }

  /** Goes on with what was interrupted, and begins what is due. */
  resume(): void {
    this.#schedule(0)
  }

  /** Begins rounds of these models, whether there is something new to learn or not. */
  start(models: readonly string[]): void {
    this.#halted = false
    for (const model of models) this.#asked.add(model)
    this.#preparing?.stop()
    this.#schedule(0)
  }

  /** Stops the round under way, of this model if one is named; nothing begins until there is a new correction or it is asked for. */
  stop(why: string, model?: string): void {
    if (model === undefined) {
      this.#asked.clear()
      this.#halted = true
      this.#preparing?.stop()
    }
    if (!this.#running || (model !== undefined && this.#running.row.model !== model)) return
    this.#running.why = why
    this.#running.job.stop()
  }

  /** The round under way. */
  get progress(): RoundProgress | undefined {
    return this.#running?.progress ?? this.#coming
  }

  /** Makes images of a data set ready now, rather than when there is nothing else to do. */
  async prepare(): Promise<void> {
    this.#busy = true
    try {
      await this.#prepare()
    } finally {
      this.#busy = false
    }
  }

  /** Resolves when nothing is under way or due. */
  idle(): Promise<void> {
    if (!this.#timer && !this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Ends everything; a round under way is gone on with at the next start. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    this.#preparing?.stop()
    const running = this.#running
    if (running) {
      running.job.stop()
      await running.job.ended
    }
    await this.#options.runner.close()
  }

  #schedule(delay: number): void {
    if (this.#timer || this.#busy || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#go()
    }, delay)
  }

  // Does all that is due; what fails for want of storage is tried again after a while, as long as there is a server.
  async #go(): Promise<void> {
    this.#busy = true
    try {
      while (!this.#closed && !this.#halted) {
        const row = this.#next()
        if (row) {
          const { round, model, corrections } = row
          this.#coming = { round, model, phase: 'preparing', step: 0, steps: 0, lessons: corrections.length }
          await this.#do(row)
        }
        this.#coming = undefined
        if (!row && !(await this.#prepare())) break
      }
      this.#waits = ''
    } catch (error) {
      this.#running = undefined
      this.#coming = undefined
      this.#wait(error instanceof Error ? error.message : String(error))
    }
    this.#busy = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #wait(why: string): void {
    if (this.#waits !== why) this.#options.warn(`learning waits: ${why}`)
    this.#waits = why
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#schedule(0), this.#options.retry ?? RETRY).unref()
  }

  #next(): RoundRow | undefined {
    const { store, seed = SEED } = this.#options
    const interrupted = store.unfinished()
    if (interrupted) return interrupted
    const learners = this.#options.learners()
    // who has waited longest; of those that have waited as long, the one somebody has just corrected
    const due = learners.filter((id) => this.#isDue(id))
    due.sort((a, b) => store.learner(a).seen - store.learner(b).seen)
    const asked = [...this.#asked].find((id) => this.#options.models.shipped(id))
    const model = asked ?? due[0]
    if (model === undefined) return undefined
    const row = beginRound(this.#options, model, seed)
    this.#asked.delete(model)
    return row
  }

  #isDue(model: string): boolean {
    const { store, models } = this.#options
    const { seen, paused } = store.learner(model)
    if (store.newest() > seen) return true
    if (paused) return false
    const served = models.version(model)
    const version = store.versions(model).find((one) => one.version === served)
    return version !== undefined && store.missing(store.correctionsOf(version.round)) > 0
  }

  async #do(row: RoundRow): Promise<void> {
    const { store } = this.#options
    const wait = Math.min(LONGEST_WAIT, row.starts > DEATHS ? COLLECT * 2 ** (row.starts - DEATHS) : 0)
    for (let waited = 0; waited < wait; waited += COLLECT) await new Promise((resolve) => setTimeout(resolve, COLLECT))
    await nextTurn()
    if (this.#closed || this.#halted) return this.#end(row)
    store.count(row.round, 'starts')
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    let order: RoundJob
    try {
      const files = await loadFiles(this.#options, row)
      if (this.#closed || this.#halted) return this.#end(row)
      order = roundJob(this.#options, row, files)
    } catch (error) {
      if (this.#closed) return
      const reason = error instanceof Error ? error.message : String(error)
      this.#finish(row, decideWithout(store, row, 'stopped', reason, seconds()))
      return
    }
    const ended = await this.#run(row, order)
    const why = this.#running?.why ?? ''
    this.#running = undefined
    if (ended.type === 'done') {
      const decision = decide(store, row, order, ended.outcome, seconds())
      if (!decision.version && ended.outcome.saved)
        removeVersion(versionsFolder(this.#options.state), row.model, order.version)
      this.#finish(row, decision)
    } else if (ended.type === 'failed') {
      this.#options.warn(`round ${row.round} of model ${row.model} failed: ${ended.reason}`)
      removeSealed(checkpointFile(this.#options.state, row.round))
      store.count(row.round, 'failures')
      // what was begun is done again from the start, once
      if (row.failures + 1 < FAILURES) return
      this.#finish(row, decideWithout(store, row, 'failed', ended.reason, seconds()))
    } else if (why !== '') {
      this.#finish(row, decideWithout(store, row, 'stopped', why, seconds()))
    }
  }

  // Before it has begun: by a start of the program after this, or by the owner for good.
  #end(row: RoundRow): void {
    if (this.#closed) return
    this.#finish(row, decideWithout(this.#options.store, row, 'stopped', 'stopped by the owner', 0))
  }

  #run(row: RoundRow, order: RoundJob): Promise<Ended> {
    const { runner, emit } = this.#options
    const { round, model } = row
    const progress: RoundProgress = {
      round,
      model,
      phase: 'preparing',
      step: 0,
      steps: 0,
      lessons: order.corrections.length,
    }
    const hear = (report: LearningReport) => {
      if (report.type === 'gate') emit({ type: 'gate', round, model, ...report.tried })
      if (report.type !== 'step') return
      running.progress = report.progress
      emit({ type: 'step', ...report.progress })
    }
    const running: Running = { row, progress, why: '', job: runner.run({ type: 'round', order }, hear) }
    this.#running = running
    emit({ type: 'started', ...progress })
    return running.job.ended
  }

  // Decision to disk, then into the answers, then to whoever listens.
  #finish(row: RoundRow, { announce: told, ...ending }: Decision): void {
    const { store, models, emit, state } = this.#options
    const { model } = row
    const before = models.version(model) || row.parent
    store.finish(row.round, model, ending)
    removeSealed(checkpointFile(state, row.round))
    if (ending.serve !== undefined) models.serve(model, ending.serve)
    const shipped = models.shipped(model)?.version ?? 1
    const version = models.version(model) || shipped
    // in a turn of its own; who asks before loads it himself
    if (version !== before) setImmediate(() => this.#options.preload(model))
    emit({ type: 'finished', ...ending.report })
    if (told && version !== before) emit({ type: 'served', model, version, before, ...told })
    for (const old of surplus(store.versions(model), models.version(model))) {
      store.discard(model, old.version)
      removeVersion(versionsFolder(state), model, old.version)
    }
  }

  // Images of a data set that has come, when there is nothing else to do.
  async #prepare(): Promise<boolean> {
    const { runner, replaySet, duty, warn } = this.#options
    const choice = replaySet()
    if (this.#prepared || !canPrepare(choice)) return false
    this.#preparing = runner.run({ type: 'prepare', trusted: choice, duty }, () => {})
    const ended = await this.#preparing.ended
    this.#preparing = undefined
    if (ended.type !== 'stopped') this.#prepared = true
    if (ended.type === 'failed') warn(`the data set is not used for learning: ${ended.reason}`)
    return true
  }
}
