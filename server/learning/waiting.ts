/**
 * Holds learning back while the battery of a phone says so: asks before something begins and while it is under way, and says when
 * waiting begins, changes and ends. The learner decides what is due.
 */

import type { LearningWait, TrainingEvent } from '../../core/protocol.ts'
import type { LearningPermit } from '../phone/learning-permit.ts'

export interface WaitingParts {
  /** Undefined where learning never waits. */
  readonly permit: LearningPermit | undefined
  readonly emit: (event: TrainingEvent) => void
  readonly warn: (message: string) => void
  /** Called when it is time to look again whether what is due may begin. */
  readonly again: () => void
}

export interface Waiting {
  /** Why learning waits; undefined where it does not, as far as is known. */
  readonly wait: LearningWait | undefined
  /** Whether what is due must wait. While it does, `again` is called after a while. */
  mustWait(): Promise<boolean>
  /** Calls `stop` once, when what has begun must stop. Returns what ends the watch. */
  watch(stop: () => void): () => void
  /** Nothing is due. */
  end(): void
  close(): void
}

export function createWaiting({ permit, emit, warn, again }: WaitingParts): Waiting {
  let wait: LearningWait | undefined
  let learning = false // something may have begun: the battery may then be a little warmer
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let since = 0 // when waiting began

  function set(now: LearningWait | undefined): void {
    const before = wait
    if (!before) since = performance.now()
    wait = now
    if (now?.message === before?.message) return
    if (now) emit({ type: 'waits', ...now })
    else emit({ type: 'continues' })
    // not with every percent of charge
    if (now && now.reason !== before?.reason) warn(`learning waits: ${now.message}`)
  }

  /** Asks, and notes the answer. */
  async function ask(asked: LearningPermit): Promise<boolean> {
    const answer = await asked.ask(learning)
    if (closed) return true
    if (wait && !answer) warn('learning goes on')
    learning = answer === undefined
    set(answer)
    return !learning
  }

  return {
    get wait() {
      return wait
    },
    async mustWait() {
      if (!permit) return false
      const waits = await ask(permit)
      clearTimeout(timer)
      if (waits && !closed) timer = setTimeout(again, permit.pause(performance.now() - since)).unref()
      return waits
    },
    watch(stop) {
      let ended = permit === undefined
      let next: NodeJS.Timeout | undefined
      const plan = () => {
        if (permit && !ended) next = setTimeout(() => void look(permit), permit.pause())
      }
      const look = async (asked: LearningPermit) => {
        const answer = await asked.ask(true)
        if (ended) return
        if (!answer) return plan()
        ended = true
        learning = false
        set(answer)
        stop()
      }
      plan()
      return () => {
        ended = true
        clearTimeout(next)
      }
    },
    end() {
      clearTimeout(timer)
      learning = false
      set(undefined)
    },
    close() {
      closed = true
      clearTimeout(timer)
      permit?.close()
    },
  }
}
