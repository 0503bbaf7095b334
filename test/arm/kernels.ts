/** One digest per kernel over its outputs in every case: agreement compares backends, this compares machines. */

import { createHash } from 'node:crypto'
import type { Backend } from '../../core/backend.ts'
import { placeCase } from '../../core/kernels/case.ts'
import { allCases } from '../../core/kernels/cases.ts'
import { KERNEL_NAMES } from '../../core/kernels.ts'

/** SHA-256 of the outputs' bits (NaNs made alike) of each kernel, by `kernel <name>`. */
export function kernelDigests(backend: Backend): Record<string, string> {
  const digests: Record<string, string> = {}
  const cases = allCases() // the table is long to make
  for (const kernel of KERNEL_NAMES) {
    const hash = createHash('sha256')
    for (const row of cases.filter((row) => row.kernel === kernel)) {
      const mark = backend.arena.mark()
      const placed = placeCase(backend, row)
      placed.call()
      for (const bits of placed.outputs()) hash.update(bits)
      backend.arena.release(mark)
    }
    digests[`kernel ${kernel}`] = hash.digest('hex')
  }
  return digests
}
