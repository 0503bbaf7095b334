/**
 * The self-test at start: runs a few known vectors through a backend. Its results must have the digests that the results of the
 * TypeScript kernels have. So the twins are loaded only when a backend fails, to say where it differs.
 */

import { disagreement, outcome } from '../kernels/case.ts'
import { selfTestCases } from '../kernels/cases.ts'
import { KERNEL_NAMES, type KernelName } from '../kernels.ts'
import { crc32 } from '../png/crc32.ts'
import type { Backend, KernelModules } from './backend.ts'
import { DIGESTS } from './self-test-digests.ts'

/** Memory the self-test needs in any backend, in bytes. */
export const SELFTEST_MEMORY = 65_536

/**
 * 'passed', or the first fault: a kernel that is missing, or that gives other bits than its TypeScript twin.
 * @param typescript loads the twins; called only where there is a fault
 */
export async function selfTest(backend: Backend, typescript: KernelModules['typescript']): Promise<string> {
  for (const kernel of KERNEL_NAMES) {
    if (typeof backend.kernels[kernel] !== 'function') return `kernel ${kernel} is missing`
  }
  const digests = selfTestDigests(backend)
  const wrong = KERNEL_NAMES.filter((kernel) => digests[kernel] !== DIGESTS[kernel])
  if (wrong.length === 0) return 'passed'
  const twins = (await typescript())(SELFTEST_MEMORY)
  for (const tested of selfTestCases()) {
    const difference = wrong.includes(tested.kernel) && disagreement(backend, twins, tested)
    if (difference) return difference
  }
  return `${wrong[0]}: this machine's TypeScript kernel differs too`
}

/** CRC-32 of all that each kernel gives in the cases of the self-test, in their order. Words are little-endian, as everywhere here. */
export function selfTestDigests(backend: Backend): Record<KernelName, number> {
  const digests = Object.fromEntries(KERNEL_NAMES.map((kernel) => [kernel, 0])) as Record<KernelName, number>
  for (const tested of selfTestCases()) {
    for (const { buffer, byteLength } of outcome(backend, tested)) {
      digests[tested.kernel] = crc32(new Uint8Array(buffer), 0, byteLength, digests[tested.kernel])
    }
  }
  return digests
}
