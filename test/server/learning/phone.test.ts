/** Learning in a server and from the command line of a phone in Termux. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { CorrectionResponse, TrainingResponse } from '../../../core/protocol.ts'
import { describeUnless } from '../../skip.ts'
import { run as runCommand } from '../command.ts'
import { fakeBattery, isAlive } from '../phone/fake-battery.ts'
import { copyOfTaught, serve, weights } from './learning-server.ts'
import { DISCHARGING, inTermux, ownBattery } from './phone-server.ts'
import { newFolder } from './state.ts'

const TOKEN = 'the-owners-token-of-these-tests-43-characters'

describeUnless(ownBattery, 'a phone that does not charge', () => {
  it('keeps a correction, learns later and says so; it reads its battery only when there is something to learn', async () => {
    const battery = fakeBattery()
    battery.say(DISCHARGING)
    const server = await serve(newFolder('state'), { ...inTermux(battery), INKLING_TOKEN: TOKEN })
    const { id } = await server.predict(3)
    await sleep(500)
    expect(battery.pids()).toEqual([])
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ predictionId: id, label: 3 })
    const answer = await fetch(`${server.url}/api/v1/corrections`, { method: 'POST', headers: json, body })
    expect(answer.status).toBe(201)
    expect(((await answer.json()) as CorrectionResponse).learning).toEqual(['softmax'])
    const training = () => server.get<TrainingResponse>('/api/v1/training')
    await expect
      .poll(async () => (await training()).learningWaits)
      .toMatchObject({ reason: 'not-charging', charge: 31 })
    const headers = { authorization: `Bearer ${TOKEN}` }
    const started = await fetch(`${server.url}/api/v1/training`, { method: 'POST', headers })
    expect(started.status).toBe(202)
    expect(((await started.json()) as TrainingResponse).learningWaits).toMatchObject({ reason: 'not-charging' })
    expect(await training()).toMatchObject({ state: 'idle', rounds: [], waiting: 1 })
    expect(server.output().match(/learning waits: [^\n]*/g)).toEqual([
      'learning waits: a phone learns while it charges, and it is not charging, at 31 %; --learning always learns all the same',
    ])
    await server.stop()
  })

  it('with --learning always learns', async () => {
    const battery = fakeBattery()
    battery.say(DISCHARGING)
    const server = await serve(copyOfTaught(), { ...inTermux(battery), INKLING_LEARNING: 'always' })
    await server.until(2)
    expect(battery.pids()).toEqual([])
    await server.stop()
  })

  it('that is stopped while a reading hangs ends, and leaves no process', async () => {
    const battery = fakeBattery()
    battery.set('sleep 300 & echo $! >> pids; wait')
    const server = await serve(copyOfTaught(), inTermux(battery))
    await expect.poll(() => battery.pids().length).toBe(2)
    expect(await server.stop()).toBe(0)
    await expect.poll(() => battery.pids().filter(isAlive)).toEqual([])
    expect(server.output()).not.toContain('learning waits')
  })

  it('refuses to learn from the command line, and names the option with which it does', async () => {
    const battery = fakeBattery()
    battery.say(DISCHARGING)
    const words = ['learn', '--state', copyOfTaught(), '--weights', weights]
    const environment = { ...inTermux(battery), INKLING_DATA: '/nonexistent' }
    const { code, stdout, stderr } = await runCommand(words, environment)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'inkling: learning waits: a phone learns while it charges, and it is not charging, at 31 %; --learning always learns all the same\ninkling: what is left to learn stays stored, for the server or the next inkling learn\n',
    )
    const learned = await runCommand([...words, '--learning', 'always'], environment)
    expect(learned.code).toBe(0)
    expect(learned.stdout).toMatch(/^softmax: promoted as version 2/)
  })
})
