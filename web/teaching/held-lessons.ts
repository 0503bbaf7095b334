/** The corrections that are held back, with their pictures and who sent them, as the owner sees them. */

import type { SenderSummary } from '../../core/learning/decisions.ts'
import type { CorrectionSummary } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'

/** Most corrections that are shown, the newest. */
export const SHOWN = 48

/** Pause between two looks while much happens, ms. */
const PAUSE = 1000

/** Requests with the owner's token. */
export interface HeldRequests {
  held(limit: number, token: string): Promise<Reply<readonly CorrectionSummary[]>>
  senders(token: string): Promise<Reply<readonly SenderSummary[]>>
  picture(id: string, token: string): Promise<Reply<Blob>>
}

export interface HeldLessonsState {
  readonly lessons: readonly CorrectionSummary[]
  readonly senders: readonly SenderSummary[]
  readonly problem: string // why the list may be old, or ''
}

const NONE: HeldLessonsState = { lessons: [], senders: [], problem: '' }

export class HeldLessons {
  /** A new object after each change. */
  state = NONE
  readonly #requests: HeldRequests
  readonly #changed: () => void
  readonly #pictures = new Map<string, string>() // addresses of the PNGs by id
  #token: string | undefined
  #looking = false
  #again = false

  constructor(requests: HeldRequests, changed: () => void) {
    this.#requests = requests
    this.#changed = changed
  }

  /** Address of the picture of a correction, once it has arrived. */
  picture(id: string): string | undefined {
    return this.#pictures.get(id)
  }

  /** Looks again what is held back; nothing is, for a visitor without a token. */
  refresh(token: string | undefined): void {
    this.#token = token
    if (token === undefined) {
      if (this.state !== NONE) this.#show(NONE)
    } else if (this.#looking) this.#again = true
    else void this.#lookWhileAsked()
  }

  async #lookWhileAsked(): Promise<void> {
    this.#looking = true
    do {
      this.#again = false
      await this.#look()
      if (this.#again) await new Promise((resolve) => setTimeout(resolve, PAUSE))
    } while (this.#again)
    this.#looking = false
  }

  async #look(): Promise<void> {
    const token = this.#token
    if (token === undefined) return
    const [held, senders] = await Promise.all([this.#requests.held(SHOWN, token), this.#requests.senders(token)])
    if (this.#token !== token) return
    if (held.kind !== 'ok' || senders.kind !== 'ok') {
      this.#show({ ...this.state, problem: 'The phone does not say now what it holds back.' })
      return
    }
    this.#show({ lessons: held.value, senders: senders.value, problem: '' })
    for (const { id } of held.value) {
      if (this.#pictures.has(id)) continue
      const picture = await this.#requests.picture(id, token)
      if (this.#token !== token || !this.state.lessons.some((one) => one.id === id)) return
      if (picture.kind !== 'ok') continue
      this.#pictures.set(id, URL.createObjectURL(picture.value))
      this.#show({ ...this.state })
    }
  }

  #show(state: HeldLessonsState): void {
    this.state = state
    for (const [id, address] of this.#pictures) {
      if (state.lessons.some((one) => one.id === id)) continue
      URL.revokeObjectURL(address)
      this.#pictures.delete(id)
    }
    this.#changed()
  }
}
