/** Runs the case table through several backends and lists where they differ; vitest and the ARM run share it. */

import type { Backend } from '../../core/backend.ts'
import { type Case, disagreement, outcome } from '../../core/kernels/case.ts'
import { allCases } from '../../core/kernels/cases.ts'

/**
 * Every case against the first backend; `failures` are sentences, `passed` counts the comparisons that agreed.
 * @param see told what each case comes to in the first
 */
export function agree(
  [reference, ...others]: readonly Backend[],
  see: (tested: Case, outputs: readonly Int32Array[]) => void = () => {},
): { passed: number; failures: string[] } {
  const failures: string[] = []
  let passed = 0
  for (const tested of allCases()) {
    const expected = outcome(reference, tested)
    see(tested, expected)
    for (const backend of others) {
      const wrong = disagreement(backend, reference, tested, expected)
      if (wrong) failures.push(wrong)
      else passed++
    }
  }
  return { passed, failures }
}
