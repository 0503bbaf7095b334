/** Asks the battery of a phone whether learning may begin or go on, and knows how often to ask. On other machines nobody asks. */

import type { LearningWait } from '../../core/protocol.ts'
import type { LearningSetting } from '../config.ts'
import { learningWait } from './learning-conditions.ts'
import { isPhone } from './machine.ts'
import { createPowerMeter, type PowerMeter } from './power.ts'
import type { PowerSource } from './power-reading.ts'

/**
 * Time between two readings, ms: while something is learned; while it waits, at first and later. Files of the system cost next to
 * nothing. termux-battery-status starts several processes; on an old phone one call computes for up to a second, elsewhere for far
 * less. So it is asked after so many times what the last call took, within bounds. In 10 s of learning at half a core a phone warms by a fraction of a
 * degree. Whoever has just plugged it in looks at the page; what has waited for long may wait a minute more.
 */
const INTERVALS = {
  'power-supplies': { learning: [1000, 1000], waiting: [5000, 10_000] },
  termux: { learning: [1000, 10_000], waiting: [10_000, 60_000] },
} as const

/** Time between two readings, in times that a reading takes: they then use at most 4 % of a core. */
const REST = 25

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
  let took = Infinity // ms, the last reading
  let closed = false
  let last: { readonly at: number; readonly power: Awaited<ReturnType<PowerMeter['read']>> } | undefined

  const interval = () => within(INTERVALS[source].learning, REST * took)

  return {
    async ask(learning) {
      if (!last || now() - last.at >= FRESH * interval()) {
        const started = now()
        let power = await meter.read()
        // Termux:API leaves one call in ten or twenty unanswered, for which a round need not stop
        if (learning && !closed && 'unknown' in power) power = await meter.read()
        source = 'source' in power ? power.source : 'termux' // which is tried last
        last = { at: now(), power }
        took = last.at - started
      }
      return learningWait(last.power, learning)
    },
    pause(waited) {
      return waited === undefined ? interval() : within(INTERVALS[source].waiting, PATIENCE * waited)
    },
    close() {
      closed = true
      meter.stop()
    },
  }
}

function within([least, most]: readonly [number, number], time: number): number {
  return Math.min(most, Math.max(least, time))
}
