/** The self-test at start: runs a few known vectors through a backend and compares the results with the TypeScript kernels. */

import { disagreement } from '../kernels/case.ts'
import { selfTestCases } from '../kernels/cases.ts'
import { KERNEL_NAMES } from '../kernels.ts'
import type { Backend } from './backend.ts'

/** Memory the self-test needs in either backend, in bytes. */
export const SELFTEST_MEMORY = 65_536

/** 'passed', or the first fault: a kernel that is missing, or that gives other bits than its TypeScript twin. */
export function selfTest(backend: Backend, reference: Backend): string {
  for (const kernel of KERNEL_NAMES) {
    if (typeof backend.kernels[kernel] !== 'function') return `kernel ${kernel} is missing`
  }
  for (const tested of selfTestCases()) {
    const wrong = disagreement(backend, reference, tested)
    if (wrong) return wrong
  }
  return 'passed'
}
