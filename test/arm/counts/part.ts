/** The part `counts`: instructions of the kernels on emulated 32-bit ARM, compared with those committed. */

import type { Part } from '../part.ts'
import { judgeCounts } from './committed.ts'
import { prepareCounting } from './counts.ts'

export async function compareCounts(root: string): Promise<Part> {
  const { jobs, counts } = await prepareCounting(root)
  return {
    jobs,
    compare(tally) {
      const finished = counts() // a job that failed has been counted
      if (finished) judgeCounts(tally, finished)
    },
  }
}
