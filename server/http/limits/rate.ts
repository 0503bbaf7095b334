/** Token buckets, one for each client network and one for all together. A refusal says when to ask again. */

import { BusyError } from '../problem.ts'
import { networkShares } from './network.ts'

/** Networks with a bucket at once; the one that was quiet for longest loses its bucket first. */
const TABLE = 4096

/** Predictions per second for all networks together: as many as a ten-year-old phone can answer. */
const GLOBAL_PER_SECOND = 20

/**
 * Predictions of all networks together that are kept for those that asked for few: a network needs as large a part of them to be
 * left as the part of its own quota that it has used.
 */
const RESERVE = 10

/** Time after which a network that was refused because of all the others may ask again, ms. Sooner it pays for its refusals too. */
const REFUSAL = 1000

interface Bucket {
  level: number // tokens left
  at: number // ms, when the level was true
  refused: number // ms, when it was last refused because of all the others
}

/** Admits one request from an address or throws BusyError. */
export interface RateLimit {
  (address: string, cost?: number): void
  /** Whether the quota of an address has a prediction left. */
  allows(address: string): boolean
}

/**
 * @param perMinute predictions that one network may ask for, sustained; a third of them at once. Infinity: no quotas
 * @param now monotonic clock, ms
 * @returns admits one request from an address or throws BusyError: 429 rate_limited, 503 busy. `cost` is in predictions; a
 *   request never costs more tokens than a bucket can hold
 */
export function createRateLimit(perMinute: number, now: () => number): RateLimit {
  if (perMinute === Infinity) return Object.assign(() => {}, { allows: () => true })
  const table = new Map<string, Bucket>()
  const rate = perMinute / 60_000 // tokens per ms
  const burst = Math.max(1, Math.ceil(perMinute / 3))
  const globalRate = Math.max(GLOBAL_PER_SECOND / 1000, rate)
  const globalBurst = Math.max(2 * GLOBAL_PER_SECOND, burst + RESERVE)
  const everybody: Bucket = { level: globalBurst, at: now(), refused: -Infinity }

  /** What an address draws on, filled up to now, and how long it waits for some tokens there, ms. */
  const draw = (address: string, tokens: number, time: number) =>
    networkShares(address).map(({ key, scale }) => {
      const bucket = table.get(key) ?? { level: burst * scale, at: time, refused: -Infinity }
      table.delete(key) // and set again: a Map's order is then the order of last use
      table.set(key, bucket)
      refill(bucket, rate * scale, burst * scale, time)
      return { bucket, used: 1 - bucket.level / (burst * scale), wait: (tokens - bucket.level) / (rate * scale) }
    })

  function admit(address: string, cost = 1): void {
    const time = now()
    const tokens = Math.min(cost, burst)
    const drawn = draw(address, tokens, time)
    if (table.size > TABLE) {
      for (const oldest of table.keys()) {
        if (table.size <= TABLE) break
        table.delete(oldest)
      }
    }
    const wait = Math.max(...drawn.map((share) => share.wait)) // ms
    if (wait > 0) throw new BusyError(429, 'rate_limited', 'too many predictions from this network', wait / 1000)
    refill(everybody, globalRate, globalBurst, time)
    const used = Math.max(...drawn.map((share) => share.used)) // 0..1
    if (everybody.level < tokens + used * RESERVE) {
      for (const { bucket } of drawn) {
        if (time - bucket.refused < REFUSAL) bucket.level = Math.max(0, bucket.level - tokens)
        bucket.refused = time
      }
      throw new BusyError(503, 'busy', 'too many predictions from everybody together', REFUSAL / 1000)
    }
    everybody.level -= tokens
    for (const { bucket } of drawn) bucket.level -= tokens
  }

  const allows = (address: string) => draw(address, 1, now()).every(({ wait }) => wait <= 0)

  return Object.assign(admit, { allows })
}

function refill(bucket: Bucket, rate: number, burst: number, time: number): void {
  bucket.level = Math.min(burst, bucket.level + (time - bucket.at) * rate)
  bucket.at = time
}
