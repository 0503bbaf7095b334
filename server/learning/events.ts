/**
 * What happens while the phone learns, for whoever listens: the last events are kept under ascending numbers, so that a
 * listener who was away for a moment misses none, or is told that it did.
 */

import type { TrainingEvent } from '../../core/protocol.ts'

/** Events kept. */
const KEPT = 500

/** Events a listener may lag behind before it is dropped. */
const LAG = 200

export interface NumberedEvent {
  readonly id: number
  readonly event: TrainingEvent
}

/** Someone's place in the sequence. */
export interface Listener {
  /** What has come since the last call. `missed` is true when some of it is gone: look at the whole state first. */
  take(): { readonly missed: boolean; readonly events: readonly NumberedEvent[] }
  /** Resolves when there is something to take, after `patience` ms, or at the end. */
  wait(patience: number): Promise<void>
  /** True when it listens no more: it lagged too far behind, or the server goes down. */
  readonly ended: boolean
  close(): void
}

export interface Events {
  emit(event: TrainingEvent): void
  /** @param after number of the last event seen; from now on unless given */
  listen(after?: number): Listener
  /** Number of the last event. */
  last(): number
  /** Ends all listening. */
  close(): void
}

/** @param first number before that of the first event: higher than any given out before a restart */
export function createEvents(first: number): Events {
  const kept: NumberedEvent[] = []
  const listeners = new Set<() => void>()
  let last = first
  let closed = false

  return {
    last: () => last,

    emit(event) {
      kept.push({ id: ++last, event })
      if (kept.length > KEPT) kept.shift()
      for (const wake of [...listeners]) wake()
    },

    listen(after = last) {
      let seen = after
      // numbers of the future are those of a database that is gone
      let missed = seen > last || seen < last - kept.length
      if (missed) seen = last
      let ended = closed
      let wake = () => {}
      const hear = () => {
        if (closed || last - seen > LAG) end()
        wake()
      }
      const end = () => {
        ended = true
        listeners.delete(hear)
      }
      if (!ended) {
        listeners.add(hear)
        // what it asks for from before may be more than it may lag
        if (last - seen > LAG) {
          missed = true
          seen = last
        }
      }
      return {
        get ended() {
          return ended
        },
        take() {
          const events = kept.filter(({ id }) => id > seen)
          const taken = { missed, events }
          missed = false
          seen = last
          return taken
        },
        wait(patience) {
          if (ended || missed || last > seen) return Promise.resolve()
          return new Promise((resolve) => {
            const timer = setTimeout(() => wake(), patience)
            wake = () => {
              clearTimeout(timer)
              wake = () => {}
              resolve()
            }
          })
        },
        close() {
          end()
          wake()
        },
      }
    },

    close() {
      closed = true
      for (const wake of [...listeners]) wake()
    },
  }
}
