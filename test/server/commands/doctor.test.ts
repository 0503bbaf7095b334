import { once } from 'node:events'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../../server/phone/doctor/report.ts'
import { ANDROID, runUnder } from '../../faults/habits.ts'
import { run } from '../command.ts'
import { fakeBattery, isAlive } from '../phone/fake-battery.ts'
import { newState, startServer } from '../running-server.ts'

/** Settings under which nothing of this machine's environment has a part. */
const free = () => ({
  INKLING_PORT: '0',
  PORT: '',
  HOST: '',
  INKLING_STATE: newState(),
  NO_COLOR: '1',
  LANG: 'C.UTF-8',
})

/** Time in which it must end where everything hangs, ms: on a busy machine too. */
const FEW_SECONDS = 15_000

async function diagnose(environment: NodeJS.ProcessEnv): Promise<Diagnosis & { readonly code: number | null }> {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { ...free(), ...environment })
  expect(stderr).toBe('')
  return { code, ...JSON.parse(stdout) }
}

const states = ({ checks }: Diagnosis) => Object.fromEntries(checks.map(({ name, state }) => [name, state]))

describe('inkling doctor', () => {
  it('on a machine without a fault ends with 0, and names every check', async () => {
    const { code, ok, running, phone, checks } = await diagnose({})
    expect({ code, ok, running, phone }).toEqual({ code: 0, ok: true, running: false, phone: false })
    expect(checks.map(({ name }) => name)).toEqual([
      'node',
      'type-stripping',
      'architecture',
      'neon',
      'backend',
      'settings',
      'files',
      'heap',
      'memory',
      'storage',
      'clock',
      'port',
      'network',
      'state',
      'store',
      'learning',
    ])
    expect(checks.find(({ name }) => name === 'backend')?.found).toBe('simd, self-test passed')
    expect(checks.find(({ name }) => name === 'heap')?.found).toMatch(/limit is 10\d MiB$/)
  })

  it('gives addresses with the path that a proxy keeps', async () => {
    const { addresses, checks } = await diagnose({ INKLING_PORT: '47811', INKLING_BASE_PATH: 'digits' })
    expect(checks.find(({ name }) => name === 'settings')?.state).toBe('ok')
    for (const url of addresses) expect(url).toMatch(/:47811\/digits\/$/)
  })

  it('as text says of each check its state, and at the end whether it can serve; without colours where none are wanted', async () => {
    const { code, stdout } = await run(['doctor'], free())
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Inkling \d+\.\d+\.\d+\n\nok {7}node: Node /)
    expect(stdout).toMatch(/\nok {7}port: any free one\n/)
    expect(stdout).toMatch(/\nNothing keeps Inkling from serving: inkling serve starts it\.\n$/)
    expect(stdout).not.toContain('\x1b')
  })

  it('finds the server that runs, and does not take its port and its state directory for taken', async () => {
    const INKLING_STATE = newState()
    const server = await startServer({ INKLING_STATE })
    const { code, running, addresses, checks } = await diagnose({ INKLING_STATE, INKLING_PORT: String(server.port) })
    expect([code, running]).toEqual([0, true])
    expect(checks.find(({ name }) => name === 'port')?.found).toMatch(
      new RegExp(`^${server.port} is served by Inkling \\d+\\.\\d+\\.\\d+, which has run for \\d+ s$`),
    )
    for (const address of addresses) expect(address).toMatch(new RegExp(`^http://.*:${server.port}$`))
    const { stdout } = await run(['doctor', '--port', String(server.port), '--state', INKLING_STATE], free())
    expect(stdout).toMatch(/\nInkling is serving\.\n$/)
    await server.stop()
  })

  it('ends with 1 where the port and the state directory are taken and a variable is wrong, with a command for each', async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const file = join(newState(), 'file')
    writeFileSync(file, '')
    const found = await diagnose({ INKLING_PORT: String(port), INKLING_STATE: file, INKLING_RATE_LIMIT: 'never' })
    taken.close()
    expect([found.code, found.ok]).toEqual([1, false])
    expect(states(found)).toMatchObject({ port: 'problem', state: 'problem', settings: 'problem', node: 'ok' })
    const problems = found.checks.filter(({ state }) => state === 'problem')
    expect(problems.map(({ remedy }) => remedy)).toEqual([
      'unset INKLING_RATE_LIMIT',
      `inkling serve --port ${port + 1}`,
      'inkling serve --state ~/inkling-state',
    ])
  })

  it('ends with 2 on a wrong flag', async () => {
    expect((await run(['doctor', '--port', 'abc'], free())).code).toBe(2)
  })

  it('in Termux where every program hangs ends within seconds, with exit 0, and leaves none running', async () => {
    const battery = fakeBattery()
    battery.set('sleep 600 & echo $! >> pids; wait')
    const folder = mkdtempSync(join(tmpdir(), 'inkling-hanging-'))
    for (const name of ['getprop', 'settings', 'dumpsys']) {
      writeFileSync(join(folder, name), '#!/bin/sh\nexec sleep 600\n')
      chmodSync(join(folder, name), 0o755)
    }
    const started = performance.now()
    const PATH = `${folder}${delimiter}${battery.path}`
    const found = await diagnose({ PATH, PREFIX: '/data/data/com.termux/files/usr' })
    expect(performance.now() - started).toBeLessThan(FEW_SECONDS)
    expect([found.code, found.phone]).toEqual([0, true])
    expect(states(found)).toMatchObject({
      'termux-api': 'warning',
      power: 'unknown',
      learning: 'warning',
      'phantom-processes': 'unknown',
      'battery-optimisation': 'unknown',
    })
    expect(battery.pids().length).toBe(2) // one call for all checks, and what it started
    for (const pid of battery.pids()) await expect.poll(() => isAlive(pid)).toBe(false)
  })

  it('where Android denies /proc, /sys and statfs ends with 0, and says what it could not find out', async () => {
    const { code, stdout, stderr } = await runUnder(ANDROID, ['doctor', '--json'], free())
    const found = JSON.parse(stdout) as Diagnosis
    expect([code, stderr, found.phone]).toEqual([0, '', true])
    expect(states(found)).toMatchObject({ memory: 'unknown', storage: 'unknown', power: 'unknown', backend: 'ok' })
    for (const { state, expected, remedy } of found.checks) {
      expect([expected === undefined, remedy === undefined]).toEqual(state === 'ok' ? [true, true] : [false, false])
    }
  })

  it('in Termux with a healthy battery says so', async () => {
    const battery = fakeBattery()
    battery.say({ temperature: '31.2' })
    const found = await diagnose({ PATH: battery.path, PREFIX: '/data/data/com.termux/files/usr' })
    expect(states(found)).toMatchObject({ 'termux-api': 'ok', power: 'ok', learning: 'ok' })
    expect(found.checks.find(({ name }) => name === 'power')?.found).toBe('80 %, on a charger, 31.2 °C')
  })
})
