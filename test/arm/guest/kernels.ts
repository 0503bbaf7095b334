/** One digest per kernel of its outputs in all cases. agreement.ts compares backends; the digests compare machines. */

import { createHash } from 'node:crypto'
import type { Backend } from '../../../core/backend/backend.ts'
import { KERNEL_NAMES } from '../../../core/kernels.ts'
import { agree } from '../../core/agreement.ts'

/** The result of `agree`, and by `kernel <name>` SHA-256 of the output bits in the first backend, with all NaNs alike. */
export function compareKernels(backends: readonly Backend[]) {
  const hashes = new Map(KERNEL_NAMES.map((name) => [name, createHash('sha256')]))
  const agreement = agree(backends, ({ kernel }, outputs) => {
    for (const bits of outputs) hashes.get(kernel)?.update(bits)
  })
  const digests: Record<string, string> = {}
  for (const [name, hash] of hashes) digests[`kernel ${name}`] = hash.digest('hex')
  return { agreement, digests }
}
