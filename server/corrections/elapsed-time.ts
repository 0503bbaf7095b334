/**
 * Time as the quotas of corrections count it: it goes on evenly while the clock of the day jumps, and goes on from where it was after a
 * restart. Its numbers mean nothing but their differences.
 */

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Database } from '../store/database.ts'

/** The clocks of a machine. */
export interface Clocks {
  /** Clock of the day, ms since 1970. It may jump. */
  readonly wall: () => number
  /** ms since the machine's start. It goes on evenly, also while the machine sleeps or this program is not running. */
  readonly uptime: () => number
  /** A name of the machine's start, by which it is known again; '' where the system does not tell. */
  readonly boot: string
}

/** A moment in the time of quotas and by the clocks. */
interface Moment {
  readonly elapsed: number // ms
  readonly wall: number // ms since 1970
  readonly uptime: number // ms
  readonly boot: string
}

/** A clock of the day before 2025, when this program did not exist, was never set: phones without power start in 1970. */
const NEVER_SET = Date.UTC(2025, 0)

/** A clock of the day that is off by so much from what was stored has jumped, ms: the moment is stored anew. */
const JUMP = 60_000

/** Time between two moments that are stored while the clock of the day is not set, ms. */
const UNSET = 3_600_000

/** The row of the store's table `secrets` that holds the moment. An earlier release of this program leaves it alone. */
const NAME = 'clock'

/** What this machine and its clocks say. */
export function machineClocks(): Clocks {
  const wall = () => Date.now()
  try {
    uptime()
  } catch {
    return { wall, uptime: () => performance.now(), boot: '' }
  }
  return { wall, uptime: () => uptime() * 1000, boot: readBoot() }
}

// Android may deny it.
function readBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** The time of quotas in a store. It is stored with what is spent. */
export class ElapsedTime {
  readonly #database: Database
  readonly #clocks: Clocks
  #base: { elapsed: number; readonly uptime: number } | undefined
  #behind: { readonly elapsed: number; readonly wall: number } | undefined // a moment that the clock of the day has yet to reach
  #found = 0 // ms, the time in the store at the start of this process
  #stored: Moment | undefined // by this process

  constructor(database: Database, clocks: Clocks) {
    this.#database = database
    this.#clocks = clocks
  }

  /** ms; never less than before. @throws BusyError where the storage fails */
  now(): number {
    this.#base ??= { elapsed: this.#resume(), uptime: this.#clocks.uptime() }
    if (this.#behind && this.#clocks.wall() >= this.#behind.wall) {
      const { elapsed, wall } = this.#behind
      this.#behind = undefined
      this.#base.elapsed += Math.max(0, elapsed + this.#clocks.wall() - wall - this.#now(this.#base))
    }
    return this.#now(this.#base)
  }

  #now({ elapsed, uptime }: { elapsed: number; uptime: number }): number {
    return Math.round(elapsed + Math.max(0, this.#clocks.uptime() - uptime))
  }

  /**
   * Stores the moment, for a restart to count on from: the first one of this process, and one after each jump of the clock of the
   * day, so that most corrections write nothing for it. Call it in a transaction.
   * @returns is to be called when that is on disk
   */
  store(): () => void {
    const moment = this.#moment()
    const expected = this.#stored && this.#stored.wall + moment.elapsed - this.#stored.elapsed
    return expected !== undefined && Math.abs(moment.wall - expected) < JUMP ? () => {} : this.#write(moment)
  }

  /**
   * Stores the moment also where nothing is spent, at most once an hour, while the clock of the day is not set: it could not tell after a
   * restart what has gone by.
   */
  storeUnset(): void {
    const moment = this.#moment()
    if (moment.wall >= NEVER_SET && !this.#behind) return
    const onDisk = this.#stored?.elapsed ?? this.#found
    if (moment.elapsed - onDisk >= UNSET) this.#database.transaction(() => this.#write(moment))()
  }

  #moment(): Moment {
    const { wall, uptime, boot } = this.#clocks
    return { elapsed: this.now(), wall: wall(), uptime: uptime(), boot }
  }

  #write(moment: Moment): () => void {
    const value = Buffer.from(JSON.stringify(moment))
    this.#database.run('INSERT OR REPLACE INTO secrets (name, value) VALUES (?, ?)', NAME, value)
    return () => {
      this.#stored = moment
    }
  }

  // The time at the start of this process: since the last moment that is known, as much has gone by as a clock shows that can be believed.
  #resume(): number {
    const { wall, uptime, boot } = this.#clocks
    const latest = this.#database.get<{ at: number | null }>('SELECT max(at) AS at FROM spent')?.at ?? 0
    const stored = this.#read()
    const elapsed = Math.max(stored?.elapsed ?? wall(), latest)
    this.#found = elapsed
    if (!stored) return elapsed
    const then = { wall: stored.wall + elapsed - stored.elapsed, uptime: stored.uptime + elapsed - stored.elapsed }
    const awake = uptime() - then.uptime
    const same = boot !== '' && boot === stored.boot
    if (same && awake >= 0) return elapsed + awake
    // started again, or it does not say: at least the time since that start
    const another = awake < 0 || (boot !== '' && stored.boot !== '')
    const least = elapsed + (another ? uptime() : awake)
    if (stored.wall < NEVER_SET) return least
    if (wall() < then.wall) {
      this.#behind = { elapsed, wall: then.wall }
      return least
    }
    return Math.max(least, elapsed + wall() - then.wall)
  }

  #read(): Moment | undefined {
    const row = this.#database.get<{ value: Uint8Array }>('SELECT value FROM secrets WHERE name = ?', NAME)
    if (!row) return undefined
    try {
      const moment = JSON.parse(Buffer.from(row.value).toString()) as Moment
      return [moment.elapsed, moment.wall, moment.uptime].every(Number.isFinite) ? moment : undefined
    } catch {
      return undefined // only where somebody has written to the store
    }
  }
}
