/** A reporter for vitest that prints every skipped test with its reason. A skip without one fails the run. */

import type { Reporter, TestModule, Vitest } from 'vitest/node'

let vitest: Vitest | undefined

export const skippedReporter: Reporter = {
  onInit(started: Vitest) {
    vitest = started
  },
  onTestRunEnd(modules: readonly TestModule[]) {
    if (vitest?.getGlobalTestNamePattern()) return // what does not match -t counts as skipped
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result()
        const reason = result.state === 'skipped' ? result.note : undefined
        console.log(`skipped: ${module.relativeModuleId} > ${test.fullName}: ${reason ?? 'no reason is given'}`)
        if (reason === undefined) process.exitCode = 1
      }
    }
  },
}
