/** Runs in front of every test file: a test that fails or times out takes the processes with it that it has started. */

import { afterEach, beforeEach } from 'vitest'
import { killChildren, runningChildren } from './child-processes.ts'

let before = runningChildren()
beforeEach(() => {
  before = runningChildren()
})
afterEach(({ task }) => {
  if (task.result?.state === 'fail') killChildren(before)
})
