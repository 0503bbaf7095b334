/** Signals and lost terminals, with real processes: what ends the server, when, how, and what does not. */

import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { startProcess } from '../child-processes.ts'
import { freePort } from '../free-port.ts'
import { ROOT, start } from './command.ts'
import { testWeights } from './models/test-model.ts'
import { newState, startServer } from './running-server.ts'

const weights = testWeights()
const SOON = 2000 // ms, on a busy machine too
const WITHOUT_EXECVE = '--import=data:text/javascript,process.execve=undefined'

const settings = (state: string) => ({
  INKLING_PORT: '0',
  HOST: '127.0.0.1',
  INKLING_STATE: state,
  INKLING_WEIGHTS: weights,
})
const lockOf = (state: string) => join(state, 'lock')

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test(`while the server starts ends it with 0 within ${SOON} ms and removes the lock`, async () => {
    const state = newState()
    const { process: child, finished } = start(['serve'], settings(state))
    await expect.poll(() => existsSync(lockOf(state)), { interval: 1, timeout: 30_000 }).toBe(true)
    const sent = performance.now()
    child.kill(signal)
    const { code, stdout, stderr } = await finished
    expect(performance.now() - sent).toBeLessThan(SOON)
    expect([code, stdout, stderr, existsSync(lockOf(state))]).toEqual([0, '', '', false])
    const again = await startServer({ INKLING_STATE: state, INKLING_WEIGHTS: weights })
    expect([await again.stop(signal), existsSync(lockOf(state)), again.output()]).toEqual([
      0,
      false,
      expect.not.stringContaining('inkling: '),
    ])
  })

  test(`at any moment of the start ends it within ${SOON} ms, with 0 or by the signal, and leaves no lock`, async () => {
    const whole = await startTime()
    for (let step = 0; step < 15; step++) {
      const state = newState()
      const { process: child } = start(['serve'], settings(state))
      const ended = once(child, 'exit') as Promise<[number | null, string | null]>
      await sleep((whole * step) / 14)
      child.kill(signal)
      const [code, by] = await Promise.race([ended, sleep(SOON, [null, 'nothing'])])
      child.kill('SIGKILL')
      expect(code ?? by, `at ${step} of 14`).toBeOneOf([0, signal]) // the signal itself: no JavaScript had run yet
      expect(existsSync(lockOf(state))).toBe(false)
    }
  })

  test('is passed on to the server where that is a child', async () => {
    const state = newState()
    const server = await startServer({ INKLING_STATE: state, INKLING_WEIGHTS: weights, NODE_OPTIONS: WITHOUT_EXECVE })
    expect(lockHolder(state)).not.toBe(server.pid)
    expect([await server.stop(signal), existsSync(lockOf(state))]).toEqual([0, false])
  })
})

describe('the server goes on', () => {
  test('after SIGHUP, while it starts and later', async () => {
    const state = newState()
    const { process: child, finished } = start(['serve'], settings(state))
    const printed = once(child.stdout, 'data')
    await expect.poll(() => existsSync(lockOf(state)), { interval: 1, timeout: 30_000 }).toBe(true)
    child.kill('SIGHUP')
    const [, url] = /(http:\S+)/.exec(String(await printed)) as RegExpExecArray
    child.kill('SIGHUP')
    for (let k = 0; k < 3; k++) expect((await fetch(`${url}/livez`)).status).toBe(200)
    child.kill('SIGTERM')
    expect((await finished).code).toBe(0)
  })

  test('when its terminal is closed, while it starts and later, and prints nevertheless', async () => {
    for (const early of [true, false]) {
      const [state, models, port] = [newState(), testWeights(), await freePort()]
      const command = `exec '${process.execPath}' server/inkling.js serve`
      const terminal = startProcess('script', ['--quiet', '--command', command, '/dev/null'], {
        cwd: ROOT,
        env: { ...process.env, ...settings(state), INKLING_PORT: String(port), INKLING_WEIGHTS: models },
      })
      const holder = () => (existsSync(lockOf(state)) ? lockHolder(state) : 0) // NaN where nothing is written yet
      await expect.poll(holder, { interval: 1, timeout: 30_000 }).toBeGreaterThan(0)
      const pid = lockHolder(state)
      try {
        if (!early) await answer(port)
        terminal.kill('SIGKILL')
        await once(terminal, 'exit')
        await answer(port)
        await warn(models, port)
      } finally {
        process.kill(pid, 'SIGTERM')
      }
      await expect.poll(() => existsSync(lockOf(state)), { timeout: 10_000 }).toBe(false)
    }
  })

  test('when nobody reads what it prints', async () => {
    const [models, port] = [testWeights(), await freePort()]
    const environment = { ...settings(newState()), INKLING_PORT: String(port), INKLING_WEIGHTS: models }
    const { process: child, finished } = start(['serve'], environment)
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
    await answer(port)
    await warn(models, port)
    child.kill('SIGTERM')
    expect((await finished).code).toBe(0)
  })
})

function answer(port: number): Promise<void> {
  const status = () => fetch(`http://127.0.0.1:${port}/livez`).then((response) => response.status, String)
  return expect.poll(status, { timeout: 30_000 }).toBe(200)
}

// From the start of the process until the server answers, ms.
async function startTime(): Promise<number> {
  const started = performance.now()
  const server = await startServer({ INKLING_WEIGHTS: weights })
  const time = performance.now() - started
  await server.stop()
  return time
}

function lockHolder(state: string): number {
  return Number.parseInt(readFileSync(lockOf(state), 'utf8'), 10)
}

// Makes the server print something: a broken model among those it serves.
async function warn(models: string, port: number): Promise<void> {
  mkdirSync(join(models, 'broken'))
  writeFileSync(join(models, 'broken/card.json'), '{')
  await expect
    .poll(async () => JSON.stringify(await (await fetch(`http://127.0.0.1:${port}/api/v1/models`)).json()), {
      timeout: 10_000,
    })
    .toContain('broken')
}
