/** Places for what takes much memory: a few at once, fewer for one client network. Who finds none waits a moment. */

import { BusyError } from '../problem.ts'
import { widestNetwork } from './network.ts'

/** Longest wait for a place, ms. */
const LONGEST_WAIT = 3000

/** Clients that may wait. */
const MOST_WAITING = 16

/** Gives up a place; a second time does nothing. */
export type Leave = () => void

/** Takes a place for a client. Rejects with BusyError 503 busy where none becomes free. */
export type Enter = (address: string) => Promise<Leave>

/** The places, and whether they are short. */
export interface Places extends Enter {
  /** Whether somebody waits though his network has places left: there is none. */
  short(): boolean
}

interface Waiting {
  readonly network: string
  readonly refuse: () => void
}

/**
 * Where as many wait as may, the network with most of them waiting loses its last one to a network that has fewer.
 * @param capacity places
 * @param perNetwork of them, for one client network
 */
export function createPlaces(capacity: number, perNetwork: number): Places {
  const taken: string[] = [] // networks, one for each place
  const waiting = new Map<() => void, Waiting>() // in the order in which they came, by what lets them enter

  const share = (network: string) => taken.filter((other) => other === network).length
  const free = (network: string) => taken.length < capacity && share(network) < perNetwork

  function take(network: string): Leave {
    taken.push(network)
    let left = false
    return () => {
      if (left) return
      left = true
      taken.splice(taken.indexOf(network), 1)
      for (const [enter, next] of waiting) if (free(next.network)) enter()
    }
  }

  /** Refuses the last one of the network with most waiting. False where that has no more than a newcomer's network would. */
  function turnAway(network: string): boolean {
    const counts = new Map([[network, 1]])
    for (const one of waiting.values()) counts.set(one.network, (counts.get(one.network) ?? 0) + 1)
    const most = Math.max(...counts.values())
    if (most === counts.get(network)) return false
    const loser = [...waiting.values()].findLast((one) => counts.get(one.network) === most)
    loser?.refuse()
    return true
  }

  const enter: Enter = async (address) => {
    const network = widestNetwork(address)
    if (free(network)) return take(network)
    const refusal = new BusyError(503, 'busy', 'more large pictures are under way than this server takes on', 2)
    if (waiting.size >= MOST_WAITING && !turnAway(network)) throw refusal
    return new Promise((resolve, reject) => {
      const enter = () => {
        stop()
        resolve(take(network))
      }
      const refuse = () => {
        stop()
        reject(refusal)
      }
      const timer = setTimeout(refuse, LONGEST_WAIT)
      const stop = () => {
        clearTimeout(timer)
        waiting.delete(enter)
      }
      waiting.set(enter, { network, refuse })
    })
  }

  const short = () =>
    taken.length >= capacity && [...waiting.values()].some(({ network }) => share(network) < perNetwork)

  return Object.assign(enter, { short })
}
