/** Refusals of clients that come back too early, with a clock that the test sets. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPatience } from '../../../../server/http/limits/patience.ts'

describe('a refusal', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Who has been refused by now. */
  function refusals() {
    const left: string[] = []
    const patience = createPatience(() => performance.now())
    const refuse = (address: string, retryAfter = 1) =>
      setTimeout(() => left.push(address), patience.refused(address, retryAfter))
    return { left, refuse, early: patience.early }
  }

  it('leaves at once, and after 60 ms where the network was refused before and Retry-After has not passed', async () => {
    const { left, refuse, early } = refusals()
    expect(early('10.0.0.1')).toBe(false)
    refuse('10.0.0.1')
    await vi.advanceTimersByTimeAsync(0)
    expect([left.length, early('10.0.0.1'), early('10.0.0.2')]).toEqual([1, true, false])
    refuse('10.0.0.2')
    await vi.advanceTimersByTimeAsync(999)
    expect(early('10.0.0.1')).toBe(true)
    refuse('10.0.0.1')
    await vi.advanceTimersByTimeAsync(59)
    expect(left).toEqual(['10.0.0.1', '10.0.0.2'])
    await vi.advanceTimersByTimeAsync(1)
    expect(left).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(940)
    expect(early('10.0.0.1')).toBe(false)
  })

  it('counts for the whole /48 of an IPv6 address', async () => {
    const { refuse, early } = refusals()
    refuse('2001:db8:7:1::1')
    expect([early('2001:db8:7:2::9'), early('2001:db8:8:1::1')]).toEqual([true, false])
  })

  it('is forgotten after a minute, and when 4,096 other networks were refused later', async () => {
    const { refuse, early } = refusals()
    refuse('10.0.0.1', 3600)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(early('10.0.0.1')).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(early('10.0.0.1')).toBe(false)
    for (let k = 0; k < 4097; k++) refuse(`10.1.${k >> 8}.${k & 255}`)
    expect([early('10.1.0.0'), early('10.1.0.1')]).toEqual([false, true])
  })
})
