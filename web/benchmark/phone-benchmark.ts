/** The phone's own benchmark report: requested while the section is open, until the phone has measured itself. */

import type { BenchmarkResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { retryDelay } from '../api/retry.ts'

const PAUSE = 1500 // ms between two requests while the phone measures

export class PhoneBenchmark {
  /** The last reply; undefined before the first. */
  reply: Reply<BenchmarkResponse> | undefined
  readonly #ask: () => Promise<Reply<BenchmarkResponse>>
  readonly #changed: () => void
  #watched = false
  #asking = false
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ask: () => Promise<Reply<BenchmarkResponse>>, changed: () => void) {
    this.#ask = ask
    this.#changed = changed
  }

  /** Sets whether the section is visible. A report that is complete is not requested again. */
  setWatched(wanted: boolean): void {
    this.#watched = wanted
    clearTimeout(this.#timer)
    if (wanted && !this.#finished) void this.#look()
  }

  get #finished(): boolean {
    if (this.reply?.kind !== 'ok') return false
    const { state } = this.reply.value
    return state === 'measured' || state === 'failed'
  }

  async #look(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    this.reply = await this.#ask()
    this.#asking = false
    this.#failures = this.reply.kind === 'ok' ? 0 : this.#failures + 1
    this.#changed()
    clearTimeout(this.#timer)
    if (!this.#watched || this.#finished) return
    const pause = this.#failures > 0 ? Math.max(PAUSE, retryDelay(this.#failures)) : PAUSE
    this.#timer = setTimeout(() => void this.#look(), pause)
  }
}
