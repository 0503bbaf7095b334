/** Reading the battery through termux-battery-status: real programs that answer in all the ways that one does. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPowerMeter } from '../../../server/phone/power.ts'
import { readTermuxBattery } from '../../../server/phone/termux-battery.ts'
import { runProcess } from '../../child-processes.ts'
import { describeUnless } from '../../skip.ts'
import { noProc } from '../process-usage.ts'
import { type FakeBattery, fakeBattery, isAlive, powerSupplies, termuxStatus } from './fake-battery.ts'

const PATH = process.env.PATH
let battery: FakeBattery
beforeEach(() => {
  battery = fakeBattery()
  process.env.PATH = battery.path
})
afterEach(() => {
  process.env.PATH = PATH
})

/** Uses up all file descriptors of its process, reads the battery, and prints the reading. */
const EXHAUSTED = `
  import { openSync, writeSync } from 'node:fs'
  import { readTermuxBattery } from ${JSON.stringify(import.meta.resolve('../../../server/phone/termux-battery.ts'))}
  try { for (;;) openSync('/dev/null', 'r') } catch {}
  readTermuxBattery().ended.then((reading) => writeSync(1, JSON.stringify(reading)))
`

const read = (limit?: number) => readTermuxBattery(limit).ended

describe('termux-battery-status', () => {
  it('is unknown where the process has no file descriptors left for it', async () => {
    const few = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, EXHAUSTED]
    const { code, stdout } = await runProcess('sh', few, { env: { ...process.env, PATH } })
    expect({ code, reading: JSON.parse(String(stdout)) }).toEqual({
      code: 0,
      reading: { unknown: 'termux-battery-status cannot be started' },
    })
  })

  it.each([
    ['plugged in', {}, { charging: true, charge: 80, temperature: 30.5 }],
    ['unplugged', { plugged: 'UNPLUGGED', status: 'DISCHARGING' }, { charging: false, charge: 80, temperature: 30.5 }],
    ['with a temperature as text', { temperature: '36.9' }, { charging: true, charge: 80, temperature: 36.9 }],
    ['with a decimal comma', { temperature: '36,9' }, { charging: true, charge: 80, temperature: 36.9 }],
    ['without a percentage', { percentage: undefined, level: 31, scale: 200 }, { charging: true, charge: 15.5 }],
    ['full', { status: 'FULL', percentage: 100 }, { charging: true, charge: 100 }],
    ['held at a charge limit', { status: 'NOT_CHARGING', plugged: 'PLUGGED_USB' }, { charging: true }],
    ['losing charge on a weak charger', { status: 'DISCHARGING', plugged: 'PLUGGED_USB' }, { charging: false }],
  ])('%s', async (_, fields, expected) => {
    battery.say(fields)
    expect(await read()).toMatchObject({ ...expected, source: 'termux' })
  })

  it.each([
    ['exit 1', 'exit code 1'],
    [`echo '${termuxStatus()}'; exit 1`, 'exit code 1'],
    ['kill -9 $$', 'ended with SIGKILL'],
    ['echo garbage', 'something other than JSON'],
    ['true', 'something other than JSON'],
    ['echo null', 'does not say the charge'],
    ['echo "[1]"', 'does not say the charge'],
    [`echo '${termuxStatus({ percentage: 'much' })}'`, 'does not say the charge'],
    [`echo '${termuxStatus({ percentage: 101 })}'`, 'does not say the charge'],
    [`echo '${termuxStatus({ temperature: '' })}'`, 'does not say the temperature'],
    [`echo '${termuxStatus({ temperature: 'warm' })}'`, 'does not say the temperature'],
    [`echo '${termuxStatus({ temperature: -214748364.8 })}'`, 'does not say the temperature'],
    [`echo '${termuxStatus({ plugged: 'PLUGGED_-1', status: 'UNKNOWN' })}'`, 'does not say whether'],
    [`echo '${termuxStatus({ plugged: undefined, status: undefined })}'`, 'does not say whether'],
  ])('that does %s is unknown, with the reason', async (script, reason) => {
    battery.set(script)
    expect(await read()).toEqual({ unknown: expect.stringContaining(reason) })
  })

  it('that is not installed is unknown, with the command that installs it', async () => {
    process.env.PATH = '/nonexistent'
    expect(await read()).toEqual({ unknown: expect.stringContaining('pkg install termux-api') })
  })
})

describeUnless(noProc, 'of a program that is killed', () => {
  const SLEEPER = 'sleep 300 & echo $! >> pids; wait'
  it.each([
    ['hangs', SLEEPER, 'did not answer within 1.5 s'],
    // as Termux's own program does: `timeout` is a process group of its own
    ['hangs in a process group of its own', "timeout 0 sh -c 'echo $$ >> pids; exec sleep 300'", 'did not answer'],
    ['ignores signals', `trap '' TERM INT HUP; ${SLEEPER}`, 'did not answer'],
    ['ends, and leaves a child that holds its output', 'sleep 300 & echo $! >> pids', 'did not answer'],
    ['prints without end', 'yes & echo $! >> pids; wait', 'printed more than 65536 bytes'],
  ])('and that %s, no process is left', async (_, script, reason) => {
    battery.set(script)
    expect(await read(1500)).toEqual({ unknown: expect.stringContaining(reason) })
    const pids = battery.pids()
    expect(pids.length).toBeGreaterThanOrEqual(2)
    await expect.poll(() => pids.filter(isAlive)).toEqual([])
  })

  it('because the reading is stopped, no process is left', async () => {
    battery.set(SLEEPER)
    const reading = readTermuxBattery()
    await expect.poll(() => battery.pids().length).toBe(2)
    reading.stop()
    expect(await reading.ended).toEqual({ unknown: expect.stringContaining('stopped') })
    await expect.poll(() => battery.pids().filter(isAlive)).toEqual([])
  })
})

describe('the meter', () => {
  it('reads once at a time: who asks meanwhile gets the same reading', async () => {
    battery.set(`sleep 0.3; echo '${termuxStatus()}'`)
    const meter = createPowerMeter(powerSupplies({}))
    const first = meter.read()
    await sleep(50)
    expect(await Promise.all([meter.read(), meter.read(), first])).toEqual(Array(3).fill(await first))
    expect(battery.pids()).toHaveLength(1)
    await meter.read()
    expect(battery.pids()).toHaveLength(2)
  })

  it('starts no program where the system shows the battery', async () => {
    battery.say({ percentage: 12 })
    const battery0 = { type: 'Battery', status: 'Charging', capacity: 55, temp: 301 }
    expect(await createPowerMeter(powerSupplies({ battery0 })).read()).toMatchObject({ charge: 55 })
    expect(battery.pids()).toEqual([])
  })

  it('says why neither knows', async () => {
    battery.set('exit 1')
    const { unknown } = (await createPowerMeter('/nonexistent').read()) as { unknown: string }
    expect(unknown).toBe('termux-battery-status ended with exit code 1; the system shows no battery')
  })
})
