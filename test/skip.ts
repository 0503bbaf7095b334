/** The one way to leave tests out: with the reason, which test/skipped-reporter.ts prints at the end of the run. */

import { describe, type TestFunction, type TestOptions, test } from 'vitest'

/** Why tests cannot run here, or false when they can. */
export type Missing = string | false

/** `describe`, whose body is not called where something is missing. */
export function describeUnless(missing: Missing, title: string, body: () => void): void {
  describe(title, missing ? () => testUnless(missing, 'all tests', () => {}) : body)
}

/** `test`, skipped where something is missing. */
export function testUnless(missing: Missing, title: string, body: TestFunction, options: TestOptions = {}): void {
  test(title, options, missing ? ({ skip }) => skip(missing) : body)
}
