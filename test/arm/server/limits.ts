/** What the bundle may take on 32-bit ARM, and the judgement of what was measured. */

import type { Tally } from '../tally.ts'

export interface Limit {
  readonly what: string
  readonly atMost: number
  readonly unit: 'MiB' | 's' | '%'
  /** Share of the limit that one run may differ from the next: above limit and room, the run fails. */
  readonly room: number
  /** Whether the program keeps the limit. One that it doesn't keep yet is printed as over the limit, and fails nothing. */
  readonly kept: boolean
}

// Resident memory differs by 2 to 3 MiB from run to run, with the moments of garbage collection.
const MEMORY_ROOM = 0.03

export const LIMITS = {
  predictions: {
    what: 'resident memory after 2,000 predictions by the models of the default bundle',
    atMost: 110,
    unit: 'MiB',
    room: MEMORY_ROOM,
    kept: true,
  },
  photograph: {
    what: 'resident memory during a photograph of 12 megapixels, above that before it',
    atMost: 32,
    unit: 'MiB',
    room: 0,
    kept: true,
  },
  round: {
    what: 'resident memory during a promoted round of cnn',
    atMost: 150,
    unit: 'MiB',
    room: MEMORY_ROOM,
    kept: true,
  },
  afterwards: {
    what: 'resident memory within 75 s after the rounds, above that before them',
    atMost: 10,
    unit: '%',
    room: 0.3,
    kept: true,
  },
  heap: { what: 'heap limit in force', atMost: 110, unit: 'MiB', room: 0, kept: true },
  // The processor is shared with the other jobs of the run: its caches and, on some machines, its core.
  start: { what: 'processor time from start to first answer', atMost: 3, unit: 's', room: 0.2, kept: true },
} as const satisfies Record<string, Limit>

/** Prints every figure beside its limit. */
export function judgeLimits(tally: Tally, machine: string, figures: ReadonlyMap<Limit, number>): void {
  if (figures.size > 0) console.log(`\n${machine}, against its limits:`)
  for (const [{ what, atMost, unit, room, kept }, figure] of figures) {
    const over = figure > atMost
    const failed = kept && !(figure <= atMost * (1 + room))
    const verdict = failed ? 'FAILED' : over ? 'over the limit' : 'within'
    console.log(`  ${figure.toFixed(1).padStart(6)} ${unit}, at most ${atMost} ${unit}: ${verdict}  ${what}`)
    if (failed) tally.failures.push(`${machine}: ${what}: ${figure.toFixed(1)} ${unit}, at most ${atMost} ${unit}`)
    else tally.passed += kept ? 1 : 0
  }
}
