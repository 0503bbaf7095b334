/** A phone in Termux over minutes: waiting for each condition, a round that is unplugged, and how much of a core learning takes. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { TrainingResponse, VersionsResponse } from '../../../core/protocol.ts'
import { testUnless } from '../../skip.ts'
import { type FakeBattery, fakeBattery, termuxStatus } from '../phone/fake-battery.ts'
import { noProc } from '../process-usage.ts'
import { copyOfTaught, serve } from './learning-server.ts'
import { DISCHARGING, inTermux, ownBattery } from './phone-server.ts'
import { newFolder } from './state.ts'

/** Time from a change of the battery to the reading that shows it, while learning waits, ms: 10 s, and 3 s for a program that hangs. */
const SEEN = { timeout: 25_000, interval: 50 }

testUnless(
  ownBattery,
  'a phone waits while it is hot, discharging, unknown and low, then learns; no two readings at once',
  async () => {
    const battery = fakeBattery()
    // a reading that finds another one under way leaves a note of it
    const say = (script: string) =>
      battery.set(`mkdir lock || echo overlap >> overlaps; trap 'rmdir lock' EXIT; sleep 0.2; ${script}`)
    const status = (changes = {}) => say(`echo '${termuxStatus(changes)}'`)
    status({ temperature: '43.5' })
    const server = await serve(copyOfTaught(), inTermux(battery))
    const reason = async () => (await server.get<TrainingResponse>('/api/v1/training')).learningWaits?.reason
    await expect.poll(reason, SEEN).toBe('hot')
    status(DISCHARGING)
    await expect.poll(reason, SEEN).toBe('not-charging')
    say('exit 1')
    await expect.poll(reason, SEEN).toBe('unknown')
    status({ percentage: 39 })
    await expect.poll(reason, SEEN).toBe('low')
    expect((await server.get<VersionsResponse>('/api/v1/models/softmax/versions')).served).toBe(1)
    status({ percentage: 40, temperature: 40 })
    await expect.poll(reason, SEEN).toBeUndefined()
    await server.until(2)
    expect(server.output().match(/learning waits|learning goes on/g)).toHaveLength(5)
    expect(existsSync(join(battery.folder, 'overlaps'))).toBe(false)
    await server.stop()
  },
)

const TOKEN = 'the-owners-token-of-these-tests-43-characters'

/** A phone with the shipped models, on which the owner has corrected an answer of cnn. */
async function taughtPhone(battery: FakeBattery) {
  const state = newFolder('state')
  const settings = { INKLING_WEIGHTS: '', INKLING_MODEL: 'cnn', INKLING_BACKEND: 'scalar', INKLING_TOKEN: TOKEN }
  const server = await serve(state, { ...inTermux(battery), ...settings })
  const { id } = await server.predict(3)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
  const body = JSON.stringify({ predictionId: id, label: 3 })
  expect((await fetch(`${server.url}/api/v1/corrections`, { method: 'POST', headers, body })).status).toBe(201)
  const training = () => server.get<TrainingResponse>('/api/v1/training')
  const learned = async () => (await server.get<VersionsResponse>('/api/v1/models/cnn/versions')).versions[0].sha256
  return { ...server, state, training, learned }
}

/** Processor time so far of the threads of a process in the background, ms. */
function backgroundTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1].split(' ').map(Number)
    } catch {
      return [] // it has ended
    }
  })
  const inBackground = threads.filter((fields) => fields[16] === 10) // niceness
  return inBackground.reduce((sum, fields) => sum + (fields[11] + fields[12]) * 10, 0) // ticks of 10 ms: user, system
}

testUnless(
  ownBattery || noProc,
  'a round of cnn on a phone takes at most half of a core in any 5 s; unplugged, it stops within 2 s and is resumed to the same bytes',
  async () => {
    const battery = fakeBattery()
    battery.say()
    const whole = await taughtPhone(battery)
    const samples: { at: number; used: number }[] = []
    let most = 0 // share of a core
    for (let rounds = 0; rounds === 0; rounds = (await whole.training()).rounds.length) {
      const now = { at: performance.now(), used: backgroundTime(whole.pid) }
      samples.push(now)
      const before = samples.findLast(({ at }) => now.at - at >= 5000)
      if (before) most = Math.max(most, (now.used - before.used) / (now.at - before.at))
      await sleep(100)
    }
    expect((await whole.training()).rounds).toMatchObject([{ model: 'cnn', verdict: 'promoted' }])
    const sha256 = await whole.learned()
    expect(most).toBeGreaterThan(0.02) // far less than half on a busy machine
    expect(most).toBeLessThanOrEqual(0.5)
    await whole.stop()

    const phone = await taughtPhone(battery)
    while (((await phone.training()).round?.step ?? 0) === 0) await sleep(20)
    battery.say(DISCHARGING)
    while (!(await phone.training()).learningWaits) await sleep(5)
    const read = performance.now()
    while ((await phone.training()).state === 'training') await sleep(5)
    expect(performance.now() - read).toBeLessThan(2000)
    expect(existsSync(join(phone.state, 'training', '1.checkpoint'))).toBe(true)
    const used = backgroundTime(phone.pid)
    await sleep(1000)
    expect(backgroundTime(phone.pid) - used).toBeLessThanOrEqual(20)
    battery.say()
    while ((await phone.training()).rounds.length === 0) await sleep(50)
    expect((await phone.training()).rounds).toMatchObject([{ round: 1, verdict: 'promoted' }])
    expect(await phone.learned()).toBe(sha256)
    await phone.stop()
  },
)
