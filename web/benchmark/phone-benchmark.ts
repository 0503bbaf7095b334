/** The phone's own benchmark report: requested while the section is open, until the phone has measured itself. */

import type { BenchmarkResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { retryDelay } from '../api/retry.ts'

const PAUSE = 1500 // ms between two requests while the phone measures

export class PhoneBenchmark {
  /** The last reply; undefined before the first. */
  reply: Reply<BenchmarkResponse> | undefined
  readonly #fetch: () => Promise<Reply<BenchmarkResponse>>
  readonly #changed: () => void
  #watched = false
  #refreshing = false
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(fetchReport: () => Promise<Reply<BenchmarkResponse>>, changed: () => void) {
    this.#fetch = fetchReport
    this.#changed = changed
  }

  /** Sets whether the section is visible. A report that is complete is not requested again. */
  setWatched(watched: boolean): void {
    this.#watched = watched
    clearTimeout(this.#timer)
    if (watched && !this.#finished) void this.#refresh()
  }

  get #finished(): boolean {
    if (this.reply?.kind !== 'ok') return false
    const { state } = this.reply.value
    return state === 'measured' || state === 'failed'
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return
    this.#refreshing = true
    this.reply = await this.#fetch()
    this.#refreshing = false
    this.#failures = this.reply.kind === 'ok' ? 0 : this.#failures + 1
    this.#changed()
    clearTimeout(this.#timer)
    if (!this.#watched || this.#finished) return
    const pause = this.#failures > 0 ? Math.max(PAUSE, retryDelay(this.#failures)) : PAUSE
    this.#timer = setTimeout(() => void this.#refresh(), pause)
  }
}
