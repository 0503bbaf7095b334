/** What the phone says about its own speed: asked while somebody looks, again and again until it has measured itself. */

import type { BenchmarkResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { retryDelay } from '../api/retry.ts'

const PAUSE = 1500 // ms between two questions while it measures

export class PhoneBenchmark {
  /** The last reply; undefined until there was one. */
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

  /** Says whether somebody looks. Where the phone has said all there is, it is not asked again. */
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
