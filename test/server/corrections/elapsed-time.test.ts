/** Quotas while the clock of the day jumps: in a running server, and over restarts of the program and of the machine. */

import { describe, expect, it } from 'vitest'
import type { BusyError } from '../../../server/http/problem.ts'
import { givenCorrection, newFolder, testStore } from './corrections.ts'

const HOUR = 3_600_000 // ms
const DAY = 24 * HOUR
const TODAY = Date.UTC(2026, 10, 30)

let seed = 0

/** A machine whose clocks the test moves, and a store in it that can be closed and opened again. */
function machine({ wall = TODAY, boot = 'first' } = {}) {
  const folder = newFolder()
  const state = { wall, uptime: 50_000, boot }
  const clocks = () => ({ wall: () => state.wall, uptime: () => state.uptime, boot: state.boot })
  let store = testStore({ clocks: clocks() }, folder)
  const restart = (): void => {
    store.close()
    store = testStore({ clocks: clocks() }, folder)
  }
  return {
    state,
    store: () => store,
    /** Time goes by, on all clocks. */
    pass(ms: number): void {
      state.wall += ms
      state.uptime += ms
    },
    restart,
    /** The machine starts again, after some time without power; a clock that is not buffered is then at `wall`. */
    reboot(off: number, wall?: number, boot = `${state.boot}+`): void {
      state.wall = wall ?? state.wall + off
      Object.assign(state, { uptime: 20_000, boot })
      restart()
    },
    /** How many of 11 corrections from a network are taken, and how long the next one has to wait, h. */
    give(address = '10.0.0.1'): [taken: number, wait: number] {
      let taken = 0
      for (let k = 0; k < 11; k++) {
        try {
          store.corrections.keep(givenCorrection(++seed, { address }))
          taken++
        } catch (error) {
          return [taken, Math.round(((error as BusyError).retryAfter / 3600) * 100) / 100]
        }
      }
      return [taken, 0]
    },
  }
}

describe('while the server runs', () => {
  it.each([
    ['forward from 1970, as by NTP', 0, TODAY],
    ['by years, forward', TODAY, Date.UTC(2040, 0)],
    ['by years, back', TODAY, 0],
    ['by an hour, as by hand', TODAY, TODAY + HOUR],
  ])('a jump %s gives nothing back and lets nobody wait longer than the hour', (_, before, after) => {
    const { state, pass, give } = machine({ wall: before })
    expect(give()).toEqual([10, 1])
    state.wall = after
    expect(give()).toEqual([0, 1])
    pass(HOUR / 2)
    expect(give()).toEqual([0, 0.5])
    state.wall = before
    expect(give()).toEqual([0, 0.5])
    pass(HOUR / 2)
    expect(give()).toEqual([10, 1])
  })

  it('jumps each minute, both ways, leave 30 a day, and again 30 after a day', () => {
    const { state, pass, give } = machine()
    for (let day = 0; day < 2; day++) {
      let taken = 0
      for (let k = 0; k < 24; k++) {
        state.wall = [0, Date.UTC(2099, 0), TODAY][k % 3]
        taken += give()[0]
        pass(HOUR)
      }
      expect(taken).toBe(30)
    }
  })
})

describe('a restart of the program', () => {
  it.each([0, Date.UTC(2040, 0), TODAY])('with the clock of the day at %i counts the time that has gone by', (wall) => {
    const { state, pass, give, restart } = machine()
    give()
    pass(HOUR / 4)
    state.wall = wall
    restart()
    expect(give()).toEqual([0, 0.75])
    restart()
    state.uptime += HOUR / 4 // while it is closed, and no clock of the day goes on
    restart()
    expect(give()).toEqual([0, 0.5])
    pass(HOUR / 2)
    expect(give()).toEqual([10, 1])
  })
})

describe('a restart of the machine', () => {
  it('counts the time that it was off, by the clock of the day', () => {
    const { give, pass, reboot } = machine()
    give()
    pass(HOUR / 4)
    reboot(HOUR / 4)
    expect(give()).toEqual([0, 0.5])
    reboot(HOUR / 2)
    expect(give()).toEqual([10, 1])
  })

  it('with the clock in 1970 counts the time since its start, and when the clock is set, the time that it was off', () => {
    const { state, give, pass, reboot } = machine()
    give()
    reboot(HOUR / 4, 0)
    expect(give()).toEqual([0, 0.99])
    pass(HOUR / 4)
    expect(give()).toEqual([0, 0.74])
    state.wall = TODAY + HOUR / 2
    expect(give()).toEqual([0, 0.5])
    state.wall = Date.UTC(2040, 0) // it is not behind any more
    expect(give()).toEqual([0, 0.5])
  })

  it('with the clock in 1970 that is never set lets nobody wait for longer than a day', () => {
    const { give, pass, reboot } = machine()
    for (let k = 0; k < 3; k++) {
      give()
      pass(HOUR)
    }
    reboot(3 * DAY, 0)
    const [, wait] = give()
    expect(wait).toBeLessThanOrEqual(24)
    pass((wait + 0.01) * HOUR)
    expect(give()[0]).toBe(10)
  })

  it('each 8 hours with the clock in 1970 forgets nothing of the 24 hours, if somebody tries', () => {
    const { give, pass, reboot } = machine({ wall: 0 })
    for (let k = 0; k < 3; k++) {
      give()
      pass(HOUR)
    }
    const waits = Array.from({ length: 4 }, () => {
      reboot(0, 0)
      pass(8 * HOUR)
      return give()
    })
    expect(waits.map(([taken, wait]) => [taken, Math.round(wait)])).toEqual([
      [0, 14],
      [0, 6],
      [10, expect.any(Number)],
      [10, expect.any(Number)],
    ])
  })

  it('after corrections that came while the clock was in 1970 gives nothing back', () => {
    const { give, pass, reboot } = machine({ wall: 0 })
    give()
    pass(HOUR / 4)
    reboot(0, TODAY)
    expect(give()).toEqual([0, 0.99])
  })

  it('is none where the system has no name for its starts and the clocks agree; a shorter uptime is one', () => {
    const { give, pass, restart, reboot } = machine({ boot: '' })
    give()
    pass(HOUR / 4)
    restart()
    expect(give()).toEqual([0, 0.75])
    reboot(HOUR / 4, undefined, '')
    expect(give()).toEqual([0, 0.5])
  })
})

describe('the time of quotas', () => {
  it('is stored once by each process and once for a jump of more than a minute, not with each correction', () => {
    const { state, store, give, pass, restart } = machine()
    const moment = () =>
      String(store().database.get<{ value: Uint8Array }>("SELECT value FROM secrets WHERE name = 'clock'")?.value)
    const moments = new Set<string>([moment()])
    for (let k = 0; k < 8; k++) {
      give(`10.0.1.${k}`)
      moments.add(moment())
      pass(HOUR)
    }
    expect(moments.size).toBe(2) // none, and the first
    state.wall += 59_000
    give('10.0.2.1')
    expect(moments).toContain(moment())
    state.wall += 2_000
    give('10.0.2.2')
    expect(moments).not.toContain(moment())
    moments.add(moment())
    restart()
    pass(1)
    give('10.0.2.3')
    expect(moments).not.toContain(moment())
  })

  it('of a store of an earlier release goes on from what was spent there, by the clock of the day', () => {
    const { store, give, pass, restart } = machine()
    give()
    store().database.run("DELETE FROM secrets WHERE name = 'clock'")
    pass(HOUR / 2)
    restart()
    expect(give()).toEqual([0, 0.5])
  })
})
