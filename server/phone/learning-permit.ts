/** Asks the battery of a phone whether learning may begin or go on, and knows how often to ask. On other machines nobody asks. */

import type { LearningWait } from '../../core/protocol.ts'
import type { LearningSetting } from '../config.ts'
import { learningWait } from './learning-conditions.ts'
import { isPhone } from './machine.ts'
import { createPowerMeter, type PowerMeter } from './power.ts'
import type { PowerSource } from './power-reading.ts'

/**
 * Time between two readings, ms: while something is learned; while it waits, at first and later. Files of the system cost next to
 * nothing. termux-battery-status starts several processes, up to a second of computing on an old phone; in 10 s of learning at half a core
 * a phone warms by a fraction of a degree. Whoever has just plugged it in looks at the page; what has waited for long may wait a minute more.
 */
const INTERVALS = {
  'power-supplies': { learning: 1000, waiting: [5000, 10_000] },
  termux: { learning: 10_000, waiting: [10_000, 60_000] },
} as const

/** Share of the time it has waited after which it asks again, within those bounds. */
const PATIENCE = 0.25

export interface LearningPermit {
  /**
   * Why learning waits; undefined where it may begin or go on. Reads the battery, unless the last reading is almost new.
   * @param learning whether something is being learned now
   */
  ask(learning: boolean): Promise<LearningWait | undefined>
  /**
   * Time after which to ask again, ms.
   * @param waited how long it has waited, ms; undefined while something is being learned
   */
  pause(waited?: number): number
  /** Ends the reading under way. */
  close(): void
}

/** The permit of this machine; undefined where learning never waits: on no phone, or by the setting. */
export function learningPermit(setting: LearningSetting): LearningPermit | undefined {
  return setting === 'always' || !isPhone() ? undefined : createLearningPermit(createPowerMeter())
}

/** Part of the pause after which a reading is no longer used: timers may be early. */
const FRESH = 0.9

/** @param now a monotonic clock, ms */
export function createLearningPermit(meter: PowerMeter, now: () => number = () => performance.now()): LearningPermit {
  let source: PowerSource = 'termux'
  let closed = false
  let last: { readonly at: number; readonly power: Awaited<ReturnType<PowerMeter['read']>> } | undefined

  return {
    async ask(learning) {
      if (!last || now() - last.at >= FRESH * INTERVALS[source].learning) {
        let power = await meter.read()
        // Termux:API leaves one call in ten or twenty unanswered, for which a round need not stop
        if (learning && !closed && 'unknown' in power) power = await meter.read()
        source = 'source' in power ? power.source : 'termux' // which is tried last
        last = { at: now(), power }
      }
      return learningWait(last.power, learning)
    },
    pause(waited) {
      const { learning, waiting } = INTERVALS[source]
      return waited === undefined ? learning : Math.min(waiting[1], Math.max(waiting[0], PATIENCE * waited))
    },
    close() {
      closed = true
      meter.stop()
    },
  }
}
