/** The priority of one thread among those of the process. */

import { setPriority } from 'node:os'

/** Gives the thread that calls it a niceness, 0 to 19: the higher it is, the more it yields the processor to others. */
export function beNice(niceness: number): void {
  try {
    setPriority(0, niceness) // on Linux 0 is the thread that calls
  } catch {
    // the system has no priorities
  }
}
