/** How many workers the pool has on a machine, unless it is said. */

import { availableParallelism, totalmem } from 'node:os'
import { MEBIBYTE } from '../../core/recognizer.ts'

/** Most workers that are started unasked: one request has little for more to do, and the main thread keeps up with so many. */
const MOST = 3

/** Memory of a machine below which it has none unasked, bytes. */
const LEAST_MEMORY = 1024 * MEBIBYTE

/** A machine as far as workers go; this one unless given. */
export interface WorkerMachine {
  readonly arch: string // as process.arch
  readonly cores: number
  readonly memory: number // bytes
}

/** @param asked 'auto', or how many. On 32-bit ARM there are none unasked */
export function workerCount(
  asked: number | 'auto',
  { arch, cores, memory }: WorkerMachine = { arch: process.arch, cores: availableParallelism(), memory: totalmem() },
): number {
  if (asked !== 'auto') return asked
  if (arch === 'arm') return 0 // what a server takes there has a limit that leaves no room for another thread
  return memory < LEAST_MEMORY ? 0 : Math.max(0, Math.min(MOST, cores - 1))
}
