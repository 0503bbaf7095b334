/** How many workers the pool has on a machine, unless it is said. */

import { availableParallelism, totalmem } from 'node:os'
import { MEBIBYTE } from '../../core/recognizer.ts'

/** Most workers that are started unasked: one request has little for more to do, and the main thread keeps up with so many. */
const MOST = 3

/** Memory of a machine below which it has none unasked, bytes. */
const LEAST_MEMORY = 1024 * MEBIBYTE

/** A machine as far as workers go; this one unless given. */
export interface WorkerMachine {
  readonly cores: number
  readonly memory: number // bytes
}

/** @param asked 'auto', or how many */
export function workerCount(
  asked: number | 'auto',
  { cores, memory }: WorkerMachine = { cores: availableParallelism(), memory: totalmem() },
): number {
  if (asked !== 'auto') return asked
  return memory < LEAST_MEMORY ? 0 : Math.max(0, Math.min(MOST, cores - 1))
}
