/**
 * How many corrections a client network may send. They are counted in the store, so neither a restart nor deleting gives them back.
 * Times are those of elapsed-time.ts, not of the clock of the day: a jump of that gives nothing back and lets nobody wait longer.
 */

import { BusyError } from '../http/problem.ts'
import type { Database } from '../store/database.ts'

const PER_HOUR = 10
const PER_DAY = 30
const EVERYBODY_PER_DAY = 500

/** The quota of a /48, in quotas of a /64. */
const WIDE = 4

const HOUR = 3_600_000 // ms
export const DAY = 24 * HOUR

/** A client network and the wider one around it, as keyed hashes; the same hash twice where there is no wider one. */
export interface Payer {
  readonly network: Uint8Array
  readonly wide: Uint8Array
}

type Count = (where: 'network' | 'wide' | 'everybody', hash: Uint8Array, since: number) => number[]

/** Counts a correction. Call it in the transaction that stores the correction. */
export function spend(database: Database, { network, wide }: Payer, at: number): void {
  database.run('INSERT INTO spent (network, wide, at) VALUES (?, ?, ?)', network, wide, at)
}

/** Deletes what no longer counts. */
export function forgetSpent(database: Database, at: number): void {
  database.run('DELETE FROM spent WHERE at <= ?', at - DAY)
}

/**
 * Checks whether a network may send one more.
 * @param at ms, of an ElapsedTime
 * @throws BusyError 429 rate_limited, with the time until it may send one
 */
export function checkQuota(database: Database, { network, wide }: Payer, at: number): void {
  const count: Count = (where, hash, since) => {
    const column = where === 'everybody' ? '' : `${where} = ? AND `
    const sql = `SELECT at FROM spent WHERE ${column}at > ? AND at <= ? ORDER BY at`
    return database.all<{ at: number }>(sql, ...(column ? [hash] : []), since, at).map((row) => row.at)
  }
  const wider = Buffer.compare(network, wide) !== 0
  const waits = [
    wait(count('network', network, at - HOUR), PER_HOUR, HOUR, at),
    wait(count('network', network, at - DAY), PER_DAY, DAY, at),
    wider ? wait(count('wide', wide, at - HOUR), WIDE * PER_HOUR, HOUR, at) : 0,
    wider ? wait(count('wide', wide, at - DAY), WIDE * PER_DAY, DAY, at) : 0,
  ]
  const own = Math.max(...waits)
  if (own > 0) throw new BusyError(429, 'rate_limited', 'enough corrections from this network for now', own / 1000)
  const all = wait(count('everybody', network, at - DAY), EVERYBODY_PER_DAY, DAY, at)
  if (all > 0) throw new BusyError(429, 'rate_limited', 'enough corrections from everybody for today', all / 1000)
}

// ms until fewer than `most` are in the window; 0 where there are fewer already
function wait(times: readonly number[], most: number, window: number, at: number): number {
  return times.length < most ? 0 : times[times.length - most] + window - at
}
