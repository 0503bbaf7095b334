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

/**
 * @param capacity places
 * @param perNetwork of them, for one client network
 */
export function createPlaces(capacity: number, perNetwork: number): Enter {
  const taken: string[] = [] // networks, one for each place
  const waiting = new Map<() => void, string>() // networks, in the order in which they came

  const free = (network: string) =>
    taken.length < capacity && taken.filter((other) => other === network).length < perNetwork

  function take(network: string): Leave {
    taken.push(network)
    let left = false
    return () => {
      if (left) return
      left = true
      taken.splice(taken.indexOf(network), 1)
      for (const [enter, next] of waiting) if (free(next)) enter()
    }
  }

  return async (address) => {
    const network = widestNetwork(address)
    if (free(network)) return take(network)
    const refusal = new BusyError(503, 'busy', 'more large pictures are under way than this server takes on', 2)
    if (waiting.size >= MOST_WAITING) throw refusal
    return new Promise((resolve, reject) => {
      const enter = () => {
        stop()
        resolve(take(network))
      }
      const timer = setTimeout(() => {
        stop()
        reject(refusal)
      }, LONGEST_WAIT)
      const stop = () => {
        clearTimeout(timer)
        waiting.delete(enter)
      }
      waiting.set(enter, network)
    })
  }
}
