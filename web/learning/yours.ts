/**
 * What the visitor teaches, learned in this browser for their own answers: the drawings, the worker that learns from them, and
 * where it stands. Nothing of it is sent anywhere, and it needs the phone only to fetch the program.
 */

import { messageOf } from '../../core/errors.ts'
import type { Lesson } from '../../core/learning/personal.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { FromWorker, ToWorker } from './jobs.ts'

export type YoursState =
  | { readonly kind: 'nothing'; readonly forgotten?: boolean } // no drawing was taught, or all were forgotten
  | { readonly kind: 'waiting' } // for the model or the worker's program to arrive
  | { readonly kind: 'unable' } // the chosen model learns on the phone alone
  | { readonly kind: 'learning' }
  | {
      readonly kind: 'learned'
      readonly version: number // of the model, from which it was learned
      readonly drawings: number
      readonly sha256: string // of the weights
      readonly ms: number
    }
  | { readonly kind: 'failed'; readonly reason: string }

/** The drawings as they are kept. */
export interface KeptDrawings {
  readonly kept: boolean // when the page is closed
  readonly lessons: readonly Lesson[]
  load(): Promise<void>
  refresh(): Promise<boolean>
  add(input: Uint8Array, label: number): void
  remove(input: Uint8Array): void
  has(input: Uint8Array): boolean
  clear(): void
}

/** The worker as it is used here. */
export interface LearningWorker {
  post(message: ToWorker): void
  terminate(): void
}

export interface YoursHooks {
  /**
   * Starts the worker, which has what it needs to start then.
   * @param answered called with whatever it says
   * @param broken called when it does not run or has crashed
   */
  start(answered: (message: FromWorker) => void, broken: (reason: string) => void): Promise<LearningWorker>
  /** The visitor's own weights of a model are these from now on; none where undefined. */
  own(model: string, files: ModelFiles | undefined): void
  changed(): void
}

/** Attempts to start the worker before it waits for the visitor to come back or to teach again. */
const ATTEMPTS = 3

export class Yours {
  state: YoursState = { kind: 'nothing' }
  readonly #drawings: KeptDrawings
  readonly #hooks: YoursHooks
  #everyones: ModelFiles | undefined // the chosen model, as it answers for everyone
  #chosen = '' // id of the chosen model
  #worker: Promise<LearningWorker> | undefined
  #running = false // whether the worker is there
  #sent: ModelFiles | undefined // what the worker starts from
  #prepared: ModelFiles | undefined // what it prepares for
  #job = 0
  #failures = 0

  constructor(drawings: KeptDrawings, hooks: YoursHooks) {
    this.#drawings = drawings
    this.#hooks = hooks
    void drawings.load().then(() => this.#learn())
  }

  /** Number of drawings taught. */
  get drawings(): number {
    return this.#drawings.lessons.length
  }

  /** Whether they stay when the page is closed. */
  get kept(): boolean {
    return this.#drawings.kept
  }

  /**
   * The model that was chosen, and its files once they are here. What was taught is learned from it anew where they are others.
   * @param model '' while none is known
   */
  follow(model: string, files: ModelFiles | undefined): void {
    if (files === this.#everyones && model === this.#chosen) return
    this.#chosen = model
    this.#everyones = files
    this.#failures = 0
    this.#learn()
  }

  /** The page has nothing else to do: fetches the worker and what it needs. */
  warm(): void {
    if (this.#everyones && canLearnHere(this.#everyones)) void this.#start().catch(() => {})
  }

  /** The visitor draws: they may teach soon, so what every lesson needs is done now. */
  prepare(): void {
    const files = this.#everyones
    if (!files || !canLearnHere(files) || files === this.#prepared || this.drawings > 0) return
    this.#prepared = files
    void this.#post({ type: 'prepare' })
  }

  /** @param label 0..9, or NOT_A_DIGIT */
  teach(input: Uint8Array, label: number): void {
    this.#drawings.add(input, label)
    this.#failures = 0
    this.#learn()
  }

  /** Whether that drawing was taught. */
  has(input: Uint8Array): boolean {
    return this.#drawings.has(input)
  }

  takeBack(input: Uint8Array): void {
    if (!this.#drawings.has(input)) return
    this.#drawings.remove(input)
    this.#learn()
  }

  /** Forgets all that was taught on this device. */
  forget(): void {
    this.#drawings.clear()
    this.#learn()
    this.#enter({ kind: 'nothing', forgotten: true })
  }

  /** The visitor is back: another tab may have taught, and what failed may work now. */
  async wake(): Promise<void> {
    const changed = await this.#drawings.refresh()
    if (changed || this.state.kind === 'failed') {
      this.#failures = 0
      this.#learn()
    }
  }

  #learn(): void {
    const { lessons } = this.#drawings
    const files = this.#everyones
    this.#job++ // whatever the worker does is outdated
    if (lessons.length === 0 || !files || !canLearnHere(files)) {
      if (this.#chosen) this.#hooks.own(this.#chosen, undefined)
      if (lessons.length === 0) this.#enter({ kind: 'nothing' })
      else this.#enter({ kind: files ? 'unable' : 'waiting' })
      return
    }
    this.#enter({ kind: this.#running ? 'learning' : 'waiting' })
    void this.#post({ type: 'learn', job: this.#job, lessons: lessons.map(({ input, label }) => ({ input, label })) })
  }

  async #post(message: ToWorker): Promise<void> {
    const files = this.#everyones
    try {
      const worker = await this.#start()
      this.#running = true
      if (files !== this.#everyones || !files) return // another model was chosen, and learns
      if (this.#sent !== files) worker.post({ type: 'everyones', files })
      this.#sent = files
      worker.post(message)
      if (message.type === 'learn' && this.state.kind === 'waiting') this.#enter({ kind: 'learning' })
    } catch (error) {
      this.#broken(messageOf(error))
    }
  }

  #start(): Promise<LearningWorker> {
    this.#worker ??= this.#hooks.start(
      (answer) => this.#answered(answer),
      (reason) => this.#broken(reason),
    )
    return this.#worker
  }

  #answered(message: FromWorker): void {
    if (message.type === 'prepared' || message.job !== this.#job) return
    const { card } = this.#everyones as ModelFiles
    if (message.type === 'failed') {
      this.#hooks.own(card.id, undefined)
      this.#enter({ kind: 'failed', reason: message.reason })
      return
    }
    const { data, sha256, ms } = message
    this.#failures = 0
    this.#hooks.own(card.id, { card, data })
    this.#enter({ kind: 'learned', version: card.version, drawings: this.drawings, sha256, ms })
  }

  // The browser may end a worker to save memory, and the phone may be away when its file is fetched.
  #broken(reason: string): void {
    void this.#worker?.then(
      (worker) => worker.terminate(),
      () => {},
    )
    this.#worker = this.#sent = this.#prepared = undefined
    this.#running = false
    if (this.state.kind !== 'learning' && this.state.kind !== 'waiting') return
    if (++this.#failures < ATTEMPTS) this.#learn()
    else this.#enter({ kind: 'failed', reason })
  }

  #enter(state: YoursState): void {
    if (state.kind === 'nothing' && this.state.kind === 'nothing' && !state.forgotten) return
    this.state = state
    this.#hooks.changed()
  }
}

/** Whether this browser learns with a model. Others learn on the phone. */
function canLearnHere({ card }: ModelFiles): boolean {
  return card.type === 'network'
}
