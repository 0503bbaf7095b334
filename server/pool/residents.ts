/**
 * Which models the workers have, each at one version: as many as fit a little memory. Weights are read once, into memory that all
 * threads see, until each worker has made its model of them.
 */

import type { Card } from '../../core/models/card.ts'
import type { ModelSource } from '../../core/models/source.ts'
import { loadedMemory, MEBIBYTE } from '../../core/recognizer.ts'
import type { PoolThread } from './crew.ts'
import type { WorkerModel } from './messages.ts'

/** Memory of the models of one worker: more are asked on the main thread, where they are in memory only once, bytes. */
const MOST = 3.5 * MEBIBYTE

/** Time without a question after which a model makes room for another one, ms. */
const QUIET = 30_000

interface Resident {
  readonly key: number
  readonly card: Card
  readonly bytes: number
  data: Uint8Array | undefined // in shared memory
  used: number // ms
}

export interface Residents {
  /**
   * The key of a version that the workers shall have; undefined where there is no room, or it cannot be read as it was listed: the
   * main thread then answers, or finds out why not.
   */
  keyOf(card: Card): number | undefined
  /** The model for one worker, with its files where it needs them. */
  forThread(key: number, thread: PoolThread): WorkerModel
}

/**
 * @param now monotonic clock, ms
 * @param threads the workers at the moment
 * @param forget tells the workers that a model is asked no more
 */
export function createResidents(
  source: ModelSource,
  now: () => number,
  threads: () => readonly PoolThread[],
  forget: (key: number) => void,
): Residents {
  const residents = new Map<Card, Resident>() // the one unused for longest first
  let lastKey = 0

  function remove({ card, key }: Resident): void {
    residents.delete(card)
    forget(key)
    for (const thread of threads()) thread.keys.delete(key)
  }

  function makeRoom(bytes: number): boolean {
    const listed = source.list()
    let taken = bytes
    for (const one of [...residents.values()]) {
      if (listed.includes(one.card)) taken += one.bytes
      else remove(one)
    }
    for (const one of [...residents.values()]) {
      if (taken <= MOST) break
      if (now() - one.used < QUIET) break
      remove(one)
      taken -= one.bytes
    }
    return taken <= MOST
  }

  function read(card: Card): Uint8Array | undefined {
    try {
      const files = source.load(card.id)
      if (files.card !== card) return undefined
      const shared = new Uint8Array(new SharedArrayBuffer(files.data.length))
      shared.set(files.data)
      return shared
    } catch {
      return undefined
    }
  }

  function add(card: Card): Resident | undefined {
    const bytes = loadedMemory(card)
    if (bytes > MOST || !makeRoom(bytes)) return undefined
    const data = read(card)
    return data && { key: ++lastKey, card, bytes, data, used: 0 }
  }

  return {
    keyOf(card) {
      const resident = residents.get(card) ?? add(card)
      if (!resident) return undefined
      resident.used = now()
      residents.delete(card)
      residents.set(card, resident)
      return resident.key
    },
    forThread(key, thread) {
      if (thread.keys.has(key)) return { key }
      const resident = [...residents.values()].find((one) => one.key === key)
      const data = resident && (resident.data ?? read(resident.card))
      if (!resident || !data) return { key } // the worker says that it has no such model
      thread.keys.add(key)
      resident.data = threads().every(({ keys }) => keys.has(key)) ? undefined : data
      return { key, files: { card: resident.card, data } }
    },
  }
}
