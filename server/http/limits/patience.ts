/**
 * Which client networks came back before the time that Retry-After gave them. Their refusals leave a moment later than others',
 * so that clients that ask again at once do not keep the server busy with refusals.
 */

import { widestNetwork } from './network.ts'

/** Time by which the refusal of a network that came back too early is held, ms. */
const HOLD = 60

/** Longest time for which a refusal is remembered, ms. */
const LONGEST = 60_000

/** Networks that are remembered at once; the one refused first is forgotten first. */
const TABLE = 4096

export interface Patience {
  /** Whether the network of an address was refused, and should not be back yet. */
  readonly early: (address: string) => boolean
  /** Notes a refusal, and gives the time by which it is to be held: 0 unless the network came back too early, ms. */
  readonly refused: (address: string, retryAfter: number) => number
}

/** @param now monotonic clock, ms */
export function createPatience(now: () => number): Patience {
  const until = new Map<string, number>() // ms, by network
  const isEarly = (network: string) => now() < (until.get(network) ?? -Infinity)

  return {
    early: (address) => until.size > 0 && isEarly(widestNetwork(address)),

    refused(address, retryAfter) {
      const network = widestNetwork(address)
      const early = isEarly(network)
      until.delete(network) // and set again: a Map's order is then the order of refusals
      until.set(network, now() + Math.min(1000 * retryAfter, LONGEST))
      for (const oldest of until.keys()) {
        if (until.size <= TABLE) break
        until.delete(oldest)
      }
      return early ? HOLD : 0
    },
  }
}
