import { describe, expect, it } from 'vitest'
import { checkClock, checkHeap, checkMemory, checkStorage } from '../../../../server/phone/doctor/room.ts'

const MEBIBYTE = 1_048_576
const meminfo = (available: number) =>
  `MemTotal:         900000 kB\nMemFree: 1 kB\nMemAvailable:   ${available * 1024} kB\n`

describe('the room there is', () => {
  it('is enough with 150 MiB of memory, or where the server already has its part', () => {
    expect(checkMemory(meminfo(150), false)).toEqual({
      name: 'memory',
      state: 'ok',
      found: '150 MiB of 879 MiB available',
    })
    expect(checkMemory(meminfo(149), false).state).toBe('warning')
    expect(checkMemory(meminfo(20), true).state).toBe('ok')
  })

  it('is unknown where /proc is denied, or an old kernel does not say it', () => {
    for (const text of [undefined, '', 'MemTotal: 900000 kB\n']) expect(checkMemory(text, false).state).toBe('unknown')
  })

  it('is enough with 64 MiB of storage, below which the store takes nothing', () => {
    expect(checkStorage(64 * MEBIBYTE, '/').state).toBe('ok')
    expect(checkStorage(64 * MEBIBYTE - 1, '/')).toMatchObject({ state: 'warning', found: '63 MiB free' })
    expect(checkStorage(undefined, '/').state).toBe('unknown')
  })

  it('is left to others by a heap of at most 110 MiB', () => {
    expect(checkHeap(108 * MEBIBYTE, 'node').state).toBe('ok')
    expect(checkHeap(1120 * MEBIBYTE, 'node --x')).toMatchObject({ state: 'warning', remedy: 'node --x' })
  })
})

describe('the clock', () => {
  it.each([
    ['1970-01-02T00:00:00Z', 'warning'],
    ['2017-05-01T00:00:00Z', 'warning'],
    ['2026-11-30T00:00:00Z', 'ok'],
    ['2040-01-01T00:00:00Z', 'ok'],
    ['2059-01-01T00:00:00Z', 'warning'],
  ])('at %s is: %s', (time, state) => {
    expect(checkClock(Date.parse(time), false).state).toBe(state)
  })

  it('that is no time at all does not throw', () => {
    expect(checkClock(Number.NaN, true)).toMatchObject({ state: 'warning', found: 'no time UTC' })
    expect(checkClock(9e15, true).state).toBe('warning')
  })
})
