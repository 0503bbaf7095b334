import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Tally } from '../tally.ts'
import { judgeLimits, type Limit } from './limits.ts'

const KEPT: Limit = { what: 'memory', atMost: 100, unit: 'MiB', room: 0.03, kept: true }

beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

function judge(limit: Limit, figure: number): Tally {
  const tally: Tally = { passed: 0, failures: [] }
  judgeLimits(tally, 'a machine', new Map([[limit, figure]]))
  return tally
}

test('a figure fails the run above a limit that is kept and its room, and not below', () => {
  expect(judge(KEPT, 103)).toEqual({ passed: 1, failures: [] })
  expect(judge(KEPT, 103.1)).toEqual({ passed: 0, failures: ['a machine: memory: 103.1 MiB, at most 100 MiB'] })
  expect(judge(KEPT, Number.NaN).failures).toHaveLength(1)
})

test('a figure above a limit that is not kept yet is printed as over the limit, and fails nothing', () => {
  expect(judge({ ...KEPT, kept: false }, 150)).toEqual({ passed: 0, failures: [] })
  expect(vi.mocked(console.log).mock.calls.flat().join()).toMatch(
    /150\.0 MiB, at most 100 MiB: over the limit {2}memory/,
  )
})
