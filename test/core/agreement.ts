/** Runs the case table through several backends and lists where they differ; vitest and the ARM run share it. */

import type { Backend } from '../../core/backend.ts'
import { disagreement } from '../../core/kernels/case.ts'
import { allCases } from '../../core/kernels/cases.ts'

/** Every case against the first backend; `failures` are sentences, `passed` counts the comparisons that agreed. */
export function agree(backends: readonly Backend[]): { passed: number; failures: string[] } {
  const [reference, ...others] = backends
  const failures: string[] = []
  const cases = allCases()
  let passed = 0
  for (const backend of others) {
    for (const tested of cases) {
      const wrong = disagreement(backend, reference, tested)
      if (wrong) failures.push(wrong)
      else passed++
    }
  }
  return { passed, failures }
}
