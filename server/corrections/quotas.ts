/**
 * How many corrections a client network may send. They are counted in the store, so neither a restart nor deleting gives them back.
 * Times are those of elapsed-time.ts, not of the clock of the day: a jump of that gives nothing back and lets nobody wait longer.
 */

import type { SQLInputValue } from 'node:sqlite'
import { BusyError } from '../http/problem.ts'
import type { Database } from '../store/database.ts'

const PER_HOUR = 10
const PER_DAY = 30

/**
 * Of everybody together. Once so many have come in a day, only those are taken that a network sends within its fair share of them, up to
 * the second number.
 */
const [EVERYBODY_PER_DAY, MOST_PER_DAY] = [500, 1000]

/** The quota of a /48, in quotas of a /64. */
const WIDE = 4

const HOUR = 3_600_000 // ms
export const DAY = 24 * HOUR

/** A client network and the wider one around it, as keyed hashes; the same hash twice where there is no wider one. */
export interface Payer {
  readonly network: Uint8Array
  readonly wide: Uint8Array
}

type Count = (where: 'network' | 'wide', hash: Uint8Array, since: number) => number[]

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
  const count: Count = (where, hash, since) =>
    timesOf(database, `SELECT at FROM spent WHERE ${where} = ? AND at > ? AND at <= ? ORDER BY at`, hash, since, at)
  const wider = Buffer.compare(network, wide) !== 0
  const today = count('wide', wide, at - DAY)
  const waits = [
    wait(count('network', network, at - HOUR), PER_HOUR, HOUR, at),
    wait(count('network', network, at - DAY), PER_DAY, DAY, at),
    wider ? wait(count('wide', wide, at - HOUR), WIDE * PER_HOUR, HOUR, at) : 0,
    wider ? wait(today, WIDE * PER_DAY, DAY, at) : 0,
  ]
  const own = Math.max(...waits)
  if (own > 0) throw new BusyError(429, 'rate_limited', 'enough corrections from this network for now', own / 1000)
  const all = waitForAll(database, wide, today, at)
  if (all > 0) throw new BusyError(429, 'rate_limited', 'enough corrections from everybody for today', all / 1000)
}

/**
 * ms until everybody's total has room for one more of a network. When it is used up, whoever has sent least comes first: the total,
 * divided by the networks that have sent any, is what each may still send.
 * @param today the times of the network's, or of the wider one's around it
 */
function waitForAll(database: Database, wide: Uint8Array, today: readonly number[], at: number): number {
  const all = timesOf(database, 'SELECT at FROM spent WHERE at > ? AND at <= ? ORDER BY at', at - DAY, at)
  const full = wait(all, EVERYBODY_PER_DAY, DAY, at)
  if (full === 0) return 0
  const sql = 'SELECT count(DISTINCT wide) AS others FROM spent WHERE wide <> ? AND at > ? AND at <= ?'
  const { others } = database.get<{ others: number }>(sql, wide, at - DAY, at) ?? { others: 0 }
  const share = Math.max(1, Math.floor(EVERYBODY_PER_DAY / (others + 1)))
  return Math.min(full, Math.max(wait(today, share, DAY, at), wait(all, MOST_PER_DAY, DAY, at)))
}

function timesOf(database: Database, sql: string, ...values: SQLInputValue[]): number[] {
  return database.all<{ at: number }>(sql, ...values).map((row) => row.at)
}

// ms until fewer than `most` are in the window; 0 where there are fewer already
function wait(times: readonly number[], most: number, window: number, at: number): number {
  return times.length < most ? 0 : times[times.length - most] + window - at
}
