/**
 * Events of learning, for clients that listen: the last ones are kept under ascending numbers, so that a listener that was
 * disconnected for a moment misses none, or learns that it did.
 */

import type { TrainingEvent } from '../../core/protocol.ts'

/** Events that are kept. */
const RECENT = 500

/** Events a listener may lag behind before it is dropped. */
const LAG = 200

export interface NumberedEvent {
  readonly id: number
  readonly event: TrainingEvent
}

/** A client's position in the sequence. */
export interface Listener {
  /** The events since the last call. `missed` is true when some of them are gone: the client needs the whole state first. */
  take(): { readonly missed: boolean; readonly events: readonly NumberedEvent[] }
  /** Resolves when there are events to take, after `patience` ms, or at the end. */
  wait(patience: number): Promise<void>
  /** True when the listener gets no more events: it lagged too far behind, or the server stops. */
  readonly ended: boolean
  close(): void
}

export interface Events {
  emit(event: TrainingEvent): void
  /** @param after number of the last event seen; only new events unless given */
  listen(after?: number): Listener
  /** Number of the last event. */
  last(): number
  /** Ends all listeners. */
  close(): void
}

/** @param first number before that of the first event: higher than all numbers used before a restart */
export function createEvents(first: number): Events {
  const recent: NumberedEvent[] = []
  const listeners = new Set<() => void>()
  let last = first
  let closed = false

  return {
    last: () => last,

    emit(event) {
      recent.push({ id: ++last, event })
      if (recent.length > RECENT) recent.shift()
      for (const notify of [...listeners]) notify()
    },

    listen(after = last) {
      let seen = after
      // a number above the last one comes from a database that is gone
      let missed = seen > last || seen < last - recent.length
      if (missed) seen = last
      let ended = closed
      let wake = () => {}
      const notify = () => {
        if (closed || last - seen > LAG) end()
        wake()
      }
      const end = () => {
        ended = true
        listeners.delete(notify)
      }
      if (!ended) {
        listeners.add(notify)
        // it may request more earlier events than it may lag behind
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
          const events = recent.filter(({ id }) => id > seen)
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
      for (const notify of [...listeners]) notify()
    },
  }
}
