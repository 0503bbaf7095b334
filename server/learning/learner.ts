/**
 * Learns from corrections while the server answers: one round after the other on the learning thread. What is due is read from
 * the store each time, so that an interruption loses nothing.
 */

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { LearningWait, RoundProgress } from '../../core/protocol.ts'
import { removeSealed } from '../files/sealed.ts'
import { removeVersion, surplusVersions } from '../models/versions.ts'
import type { RoundRow } from '../store/round-tables.ts'
import type { JobEnd } from '../threads/messages.ts'
import type { RunningJob } from '../threads/start.ts'
import { type Decision, decide, decideWithout, TAKEN_BACK } from './decision.ts'
import type { LearnerOptions } from './learner-options.ts'
import { LeftOut } from './left-out.ts'
import type { LearningProgress, LearningResult, RoundJob } from './messages.ts'
import { canPrepare } from './replay-choice.ts'
import { beginRound, checkpointFile, loadFiles, makeFolders, restartDelay, roundJob, versionsFolder } from './task.ts'
import { createWaiting, type Waiting } from './waiting.ts'

/** How long after a correction a round begins, so that the next ones are in it too, ms. */
const COLLECT = 300

/** Failures of a round after which it is given up until there is another correction. */
const FAILURES = 2

/** Time after which what failed because of the disk is tried again, ms. */
const RETRY = 5000

/** The seed of every round: the same corrections give the same weights. */
export const SEED = 1

interface Running {
  readonly row: RoundRow
  readonly job: RunningJob<LearningResult>
  readonly version: number // of what would be served
  progress: RoundProgress
  stopReason: string // '' unless somebody stopped it
}

export class Learner {
  readonly #options: LearnerOptions
  readonly #requested = new Set<string>() // models of which the owner wants a round
  readonly #waiting: Waiting // for the battery
  #timer: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined
  #running: Running | undefined
  #loading: RoundProgress | undefined // of a round whose models are being read
  #preparing: RunningJob<LearningResult> | undefined
  #prepared = false // also when preparing failed
  #busy = false // with what is due
  readonly #leftOut = new LeftOut()
  #halted = false // by the owner, until there is a new correction
  #interrupted = false // by the battery: what is under way stops, and is resumed when it may
  #closed = false
  #waitReason = '' // already reported
  #idle: (() => void)[] = []

  constructor(options: LearnerOptions) {
    this.#options = options
    this.#waiting = createWaiting({
      permit: options.permit,
      emit: options.emit,
      warn: options.warn,
      again: () => this.#schedule(0),
    })
  }

  /** To be called when corrections have been added. */
  notice(): void {
    this.#halted = false
    this.#preparing?.stop()
    this.#schedule(this.#options.collect ?? COLLECT)
  }

  /**
   * To be called when corrections have been taken back. Stops the round that learns from one of them, and no other.
   * @param network in hex, unless the owner took it back
   * @returns the round under way that goes on; resolves when the other has ended and left nothing
   */
  async takenBack(network?: string): Promise<number | undefined> {
    const { store, state } = this.#options
    const row = this.#running?.row ?? store.unfinished()
    this.#preparing?.stop()
    this.#schedule(this.#options.collect ?? COLLECT)
    if (!row || store.missing(row.corrections) === 0) return row?.round
    if (network !== undefined) this.#leftOut.networks.add(network)
    const running = this.#running
    if (!running) return undefined
    running.stopReason = TAKEN_BACK
    running.job.stop()
    await running.job.ended
    removeVersion(versionsFolder(state), row.model, running.version)
    return undefined
  }

  /** Resumes what was interrupted and begins what is due. */
  resume(): void {
    this.#schedule(0)
  }

  /**
   * Begins rounds of these models, whether there is something new to learn or not. Resolves when it is known whether they wait
   * for the battery, which goes first.
   */
  async start(models: readonly string[]): Promise<void> {
    this.#halted = false
    for (const model of models) this.#requested.add(model)
    this.#preparing?.stop()
    this.#schedule(0)
    if (!this.#running) await this.#waiting.mustWait()
  }

  /** Stops the current round, of this model if one is named. Otherwise nothing begins until a new correction or `start`. */
  stop(reason: string, model?: string): void {
    if (model === undefined) {
      this.#requested.clear()
      this.#halted = true
      this.#preparing?.stop()
      const waits = this.#waiting.wait && !this.#running
      const interrupted = waits ? this.#options.store.unfinished() : undefined
      if (interrupted) this.#cancel(interrupted)
      this.#waiting.end()
    }
    if (!this.#running || (model !== undefined && this.#running.row.model !== model)) return
    this.#running.stopReason = reason
    this.#running.job.stop()
  }

  /** To be called when another store has taken the place of this one, which knows nothing of the current round. */
  startOver(): void {
    this.#requested.clear()
    if (this.#running) this.stop('another store is there', this.#running.row.model)
    this.resume()
  }

  /** Progress of the current round. */
  get progress(): RoundProgress | undefined {
    return this.#running?.progress ?? this.#loading
  }

  /** Why what is due waits. */
  get wait(): LearningWait | undefined {
    return this.#waiting.wait
  }

  /** Prepares the images of a data set now, rather than when nothing else is due. */
  async prepare(): Promise<void> {
    this.#busy = true
    try {
      makeFolders(this.#options.state)
      if (this.#canPrepare() && !(await this.#waiting.mustWait())) await this.#watched(() => this.#prepare())
    } finally {
      this.#busy = false
    }
  }

  /** Resolves when nothing runs or is due, or what is due waits for the battery. */
  idle(): Promise<void> {
    if (!this.#timer && !this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Stops everything. The current round is resumed at the next start. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    this.#waiting.close()
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
      void this.#doWhatIsDue()
    }, delay)
  }

  // What fails because of the disk is tried again after a while, as long as the server runs.
  async #doWhatIsDue(): Promise<void> {
    this.#busy = true
    try {
      makeFolders(this.#options.state)
      while (!this.#closed && !this.#halted) {
        // nobody asks the battery while nothing is due
        if (!this.#isAnythingDue()) {
          this.#waiting.end()
          break
        }
        if (await this.#waiting.mustWait()) break
        if (!this.#closed && !this.#halted) await this.#watched(() => this.#doNext())
      }
      if (this.#halted) this.#waiting.end()
      this.#waitReason = ''
    } catch (error) {
      this.#running = undefined
      this.#loading = undefined
      this.#retryLater(messageOf(error))
    }
    this.#busy = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #doNext(): Promise<void> {
    const row = this.#nextRound()
    if (!row) {
      await this.#prepare()
      return
    }
    const { round, model, corrections } = row
    this.#loading = { round, model, phase: 'preparing', step: 0, steps: 0, lessons: corrections.length }
    await this.#doRound(row)
    this.#loading = undefined
  }

  // Does something that stops when the battery says so.
  async #watched(work: () => Promise<unknown>): Promise<void> {
    this.#interrupted = false
    const end = this.#waiting.watch(() => {
      this.#interrupted = true
      this.#preparing?.stop()
      this.#running?.job.stop()
    })
    try {
      await work()
    } finally {
      end()
    }
  }

  #retryLater(reason: string): void {
    if (this.#waitReason !== reason) this.#options.warn(`learning waits: ${reason}`)
    this.#waitReason = reason
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#schedule(0), this.#options.retry ?? RETRY).unref()
  }

  #nextRound(): RoundRow | undefined {
    const { store, seed = SEED } = this.#options
    const interrupted = store.unfinished()
    if (interrupted) return interrupted
    const model = this.#nextModel()
    if (model === undefined) return undefined
    const row = beginRound(this.#options, model, seed, this.#leftOut.networks)
    this.#leftOut.begin(row.round)
    // the store does not know what the owner requested
    if (this.#requested.has(model)) store.keep()
    this.#requested.delete(model)
    return row
  }

  #nextModel(): string | undefined {
    const { store } = this.#options
    const learners = this.#options.learners()
    // first what has waited longest; of those that have waited equally long, what was corrected last
    const due = learners.filter((id) => this.#isDue(id))
    due.sort((a, b) => store.learner(a).seen - store.learner(b).seen)
    const requested = [...this.#requested].find((id) => this.#options.models.shipped(id))
    return requested ?? due[0]
  }

  #isAnythingDue(): boolean {
    const due = this.#options.store.unfinished() ?? this.#nextModel()
    return due !== undefined || this.#canPrepare()
  }

  #isDue(model: string): boolean {
    const { store } = this.#options
    const { seen, until, stale } = store.learner(model)
    return (stale > 0 && store.newest() > 0) || store.isNewer(model, seen, until)
  }

  async #doRound(row: RoundRow): Promise<void> {
    const { store } = this.#options
    const wait = restartDelay(store.restarts())
    for (let waited = 0; waited < wait; waited += COLLECT) await sleep(COLLECT)
    await nextTurn()
    if (this.#interrupted) return
    if (this.#closed || this.#halted) return this.#cancel(row)
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    let job: RoundJob
    try {
      const files = await loadFiles(this.#options, row)
      if (this.#interrupted) return
      if (this.#closed || this.#halted) return this.#cancel(row)
      job = roundJob(this.#options, row, files)
    } catch (error) {
      if (this.#closed) return
      const reason = messageOf(error)
      this.#finish(row, decideWithout(store, row, 'stopped', reason, seconds()))
      return
    }
    const ended = await this.#runJob(row, job)
    const stopReason = this.#running?.stopReason ?? ''
    this.#running = undefined
    if (ended.type === 'done' && ended.result) {
      // it may have ended as it was stopped
      const stopped = stopReason !== '' && decideWithout(store, row, 'stopped', stopReason, seconds())
      const decision = stopped || decide(store, row, job, ended.result, seconds())
      if (!decision.version && ended.result.saved)
        removeVersion(versionsFolder(this.#options.state), row.model, job.version)
      this.#finish(row, decision)
    } else if (ended.type === 'failed') {
      this.#options.warn(`round ${row.round} of model ${row.model} failed: ${ended.reason}`)
      removeSealed(checkpointFile(this.#options.state, row.round))
      store.countFailure(row.round)
      // the round is done once more from the start
      if (row.failures + 1 < FAILURES) return
      this.#finish(row, decideWithout(store, row, 'failed', ended.reason, seconds()))
    } else if (stopReason !== '') {
      this.#finish(row, decideWithout(store, row, 'stopped', stopReason, seconds()))
    }
  }

  // Before the round has begun. When the program ends, the round stays in the store for the next start.
  #cancel(row: RoundRow): void {
    if (this.#closed) return
    this.#finish(row, decideWithout(this.#options.store, row, 'stopped', 'stopped by the owner', 0))
  }

  #runJob(row: RoundRow, job: RoundJob): Promise<JobEnd<LearningResult>> {
    const { runner, emit } = this.#options
    const { round, model } = row
    const progress: RoundProgress = {
      round,
      model,
      phase: 'preparing',
      step: 0,
      steps: 0,
      lessons: job.corrections.length,
    }
    const onProgress = (made: LearningProgress) => {
      if (made.type === 'gate') return emit({ type: 'gate', round, model, ...made.tried })
      running.progress = made.progress
      emit({ type: 'step', ...made.progress })
    }
    const { version } = job
    const running: Running = {
      row,
      version,
      progress,
      stopReason: '',
      job: runner.run({ type: 'round', ...job }, onProgress),
    }
    this.#running = running
    emit({ type: 'started', ...progress })
    return running.job.ended
  }

  // The decision goes to disk, then into the answers, then to the listeners.
  #finish(row: RoundRow, { announce, ...ending }: Decision): void {
    const { store, models, emit, state } = this.#options
    const { model } = row
    const before = models.version(model) || row.parent
    const again = ending.seen !== undefined && this.#leftOut.end(row.round)
    store.finish(row.round, model, { ...ending, again })
    removeSealed(checkpointFile(state, row.round))
    if (ending.serve !== undefined) models.serve(model, ending.serve)
    const shipped = models.shipped(model)?.version ?? 1
    const version = models.version(model) || shipped
    // in a turn of its own; a request before that loads it
    if (version !== before) setImmediate(() => this.#options.preload(model))
    emit({ type: 'finished', ...ending.report })
    if (announce && version !== before) emit({ type: 'served', model, version, before, ...announce })
    for (const old of surplusVersions(store.versions(model), models.version(model))) {
      store.discard(model, old.version)
      removeVersion(versionsFolder(state), model, old.version)
    }
  }

  #canPrepare(): boolean {
    return !this.#prepared && canPrepare(this.#options.replaySet())
  }

  // Prepares the images of a data set that has been fetched, when nothing else is due.
  async #prepare(): Promise<void> {
    const { runner, replaySet, duty, warn } = this.#options
    if (!this.#canPrepare()) return
    this.#preparing = runner.run({ type: 'prepare', replaySet: replaySet(), duty }, () => {})
    const ended = await this.#preparing.ended
    this.#preparing = undefined
    if (ended.type !== 'stopped') this.#prepared = true
    if (ended.type === 'failed') warn(`the data set is not used for learning: ${ended.reason}`)
  }
}
