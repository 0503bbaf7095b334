/** What the phone says about its own speed: asked while somebody looks, again and again until it has measured itself. */

import type { BenchmarkResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { pauseAfter } from '../api/retry.ts'

const PAUSE = 1500 // ms between two questions while it measures

export class PhoneSpeed {
  /** The last reply; undefined until there was one. */
  reply: Reply<BenchmarkResponse> | undefined
  readonly #ask: () => Promise<Reply<BenchmarkResponse>>
  readonly #changed: () => void
  #wanted = false
  #asking = false
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ask: () => Promise<Reply<BenchmarkResponse>>, changed: () => void) {
    this.#ask = ask
    this.#changed = changed
  }

  /** Says whether somebody looks. Where the phone has said all there is, it is not asked again. */
  want(wanted: boolean): void {
    this.#wanted = wanted
    clearTimeout(this.#timer)
    if (wanted && !this.#settled) void this.#look()
  }

  get #settled(): boolean {
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
    if (!this.#wanted || this.#settled) return
    const pause = this.#failures > 0 ? Math.max(PAUSE, pauseAfter(this.#failures)) : PAUSE
    this.#timer = setTimeout(() => void this.#look(), pause)
  }
}
