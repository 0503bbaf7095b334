/**
 * Watches the phone's training while a section needs it and the page is visible: through a stream of events, or by polling
 * where there is no stream, or a proxy holds it back. The phone has few streams, so none stays open for a hidden page.
 */

import type { TrainingEvent, TrainingResponse } from '../../core/protocol.ts'
import type { Reply } from '../api/request.ts'
import { retryDelay } from '../api/retry.ts'

const TYPES = ['correction', 'started', 'step', 'gate', 'finished', 'served', 'waits', 'continues'] as const
const GRACE = 3000 // ms a stream may take to get ready before polling starts
const BUSY = 2000 // ms between two polls while the phone learns
const IDLE = 10_000 // ms between two polls while it does not
const REOPEN = 30_000 // ms until a refused stream is tried again

export interface TrainingMonitorCalls {
  training(): Promise<Reply<TrainingResponse>>
  /** Opens a stream of events at a path. */
  stream(path: string): EventSource
}

export interface TrainingMonitorEvents {
  /** One event of the stream. */
  event(event: TrainingEvent): void
  /** The state of training, or why it is unknown. */
  report(reply: Reply<TrainingResponse>): void
}

export class TrainingMonitor {
  readonly #calls: TrainingMonitorCalls
  readonly #events: TrainingMonitorEvents
  #watched = false
  #stream: EventSource | undefined
  #ready = false // whether the stream brings events
  #last = '' // id of the last event received
  #refreshing = false
  #failures = 0
  #poll: ReturnType<typeof setTimeout> | undefined
  #reopen: ReturnType<typeof setTimeout> | undefined

  constructor(calls: TrainingMonitorCalls, events: TrainingMonitorEvents) {
    this.#calls = calls
    this.#events = events
    document.addEventListener('visibilitychange', () => this.#openOrClose())
    addEventListener('pageshow', () => this.#openOrClose())
    addEventListener('pagehide', () => this.#close())
  }

  /** Sets whether a section needs the state of training. */
  setWatched(watched: boolean): void {
    if (this.#watched === watched) return
    this.#watched = watched
    this.#openOrClose()
  }

  /** Requests the state of training once. */
  async refresh(): Promise<void> {
    if (this.#refreshing) return
    this.#refreshing = true
    const reply = await this.#calls.training()
    this.#refreshing = false
    this.#failures = reply.kind === 'ok' ? 0 : this.#failures + 1
    this.#events.report(reply)
    if (!this.#active || this.#ready) return
    const { state = 'idle', waiting = 0, learningWaits } = reply.kind === 'ok' ? reply.value : {}
    const busy = state === 'training' || (waiting > 0 && !learningWaits)
    this.#refreshAfter(this.#failures > 0 ? Math.max(retryDelay(this.#failures), BUSY) : busy ? BUSY : IDLE)
  }

  get #active(): boolean {
    return this.#watched && document.visibilityState === 'visible'
  }

  #openOrClose(): void {
    if (!this.#active) this.#close()
    else if (!this.#stream) this.#connect()
  }

  #connect(): void {
    clearTimeout(this.#reopen)
    // As a query: the header Last-Event-ID is sent only when an EventSource reconnects itself.
    const stream = this.#calls.stream(`api/v1/training/events${this.#last && `?after=${this.#last}`}`)
    this.#stream = stream
    this.#refreshAfter(GRACE)
    // Not where it opens: some tunnels pass on the header of the answer at once, but nothing of its body before its end.
    stream.addEventListener('ready', () => {
      this.#ready = true
      clearTimeout(this.#poll)
      void this.refresh()
    })
    stream.addEventListener('error', () => {
      this.#ready = false
      // The EventSource reconnects unless the phone refused it. In that case the page polls, and tries a stream again later.
      if (stream.readyState === EventSource.CLOSED) {
        this.#stream = undefined
        this.#reopen = setTimeout(() => this.#openOrClose(), REOPEN)
        this.#refreshAfter(0)
      } else this.#refreshAfter(GRACE)
    })
    // Events were missed, so the state built from them may be wrong.
    stream.addEventListener('reset', () => void this.refresh())
    for (const type of TYPES) {
      stream.addEventListener(type, (message) => {
        if (message.lastEventId !== '') this.#last = message.lastEventId
        const event = parse(type, message.data)
        if (event) this.#events.event(event)
      })
    }
  }

  #close(): void {
    clearTimeout(this.#poll)
    clearTimeout(this.#reopen)
    this.#stream?.close()
    this.#stream = undefined
    this.#ready = false
  }

  #refreshAfter(pause: number): void {
    clearTimeout(this.#poll)
    this.#poll = setTimeout(() => void this.refresh(), pause)
  }
}

function parse(type: (typeof TYPES)[number], data: unknown): TrainingEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data))
    return typeof event === 'object' && event !== null ? ({ ...event, type } as TrainingEvent) : undefined
  } catch {
    return undefined
  }
}
