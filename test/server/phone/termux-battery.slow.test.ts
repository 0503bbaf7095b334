/** The time that termux-battery-status has, by the clock. */

import { expect, it } from 'vitest'
import { readTermuxBattery } from '../../../server/phone/termux-battery.ts'
import { fakeBattery, termuxStatus } from './fake-battery.ts'

it('termux-battery-status is waited for when it takes 2.8 s, and given up after 3 s', async () => {
  const battery = fakeBattery()
  const path = process.env.PATH
  process.env.PATH = battery.path
  battery.set(`sleep 2.8; echo '${termuxStatus()}'`)
  expect(await readTermuxBattery().ended).toMatchObject({ charging: true })
  battery.set('sleep 60')
  const began = performance.now()
  const reading = readTermuxBattery()
  process.env.PATH = path
  expect(await reading.ended).toEqual({ unknown: 'termux-battery-status did not answer within 3 s' })
  expect(performance.now() - began).toBeLessThan(3500)
})
