/** `inkling service` under real runit, in an imitation of Termux. */

import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { SystemResponse } from '../../../../core/protocol.ts'
import { runProcess } from '../../../child-processes.ts'
import { freePort } from '../../../free-port.ts'
import { describeUnless } from '../../../skip.ts'
import { ROOT } from '../../command.ts'
import { testWeights } from '../../models/test-model.ts'
import { startServer } from '../../running-server.ts'
import { createTermux, noRunit } from './termux.ts'

const CLI = join(ROOT, 'server/inkling.js')
const START = 60_000 // ms, on a busy machine

describeUnless(noRunit, 'inkling service in Termux', () => {
  const termux = createTermux()
  afterAll(() => termux.end())
  let port = 0

  async function inkling(...words: string[]) {
    const { code, stdout, stderr } = await termux.run(process.execPath, CLI, ...words)
    return { code, stdout: String(stdout), stderr: String(stderr) }
  }
  const alive = () => fetch(`http://127.0.0.1:${port}/livez`).then(({ status }) => status, String)

  test('before it is installed says so', async () => {
    expect(await inkling('service', 'status')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^The service is not installed\.\nNext: [^\n]* service install\n$/),
    })
    for (const word of ['restart', 'logs']) {
      expect(await inkling('service', word)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^inkling: service: it is not installed; type: [^\n]* service install\n$/),
      })
    }
  })

  test('refuses options that serve refuses, and writes nothing', async () => {
    expect(await inkling('service', 'install', '--', '--port', 'x')).toMatchObject({
      code: 2,
      stderr: 'inkling: --port must be a whole number from 0 to 65535; it is "x"\n',
    })
    expect(await inkling('service', 'install', '--', '--nonsense')).toMatchObject({ code: 2 })
    expect(existsSync(termux.service)).toBe(false)
  })

  test('refuses a port at which a server answers that was started by hand', async () => {
    const server = await startServer({ INKLING_WEIGHTS: testWeights() })
    const { code, stderr } = await inkling('service', 'install', '--', '--port', String(server.port))
    expect([code, stderr]).toEqual([1, expect.stringContaining(`a server answers at port ${server.port} already`)])
    expect(existsSync(termux.service)).toBe(false)
    await server.stop()
  })

  test('install starts the server in one process with its flags, and says what was done', async () => {
    port = await freePort()
    const options = ['--host', '127.0.0.1', '--port', String(port), '--state', `it's here`]
    const { code, stdout, stderr } = await inkling('service', 'install', '--', ...options)
    expect([code, stderr]).toEqual([0, ''])
    for (const part of [termux.service, termux.logs, termux.boot, `It answers: http://127.0.0.1:${port}\n`, 'Next: '])
      expect(stdout).toContain(part)
    expect(await alive()).toBe(200)
    const system = await fetch(`http://127.0.0.1:${port}/api/v1/system`)
    expect(((await system.json()) as SystemResponse).memory.heapLimit / 2 ** 20, 'MiB').toBeLessThanOrEqual(110)
    const command = readFileSync(`/proc/${termux.serverPid()}/cmdline`, 'utf8').split('\0')
    expect(command).toEqual(expect.arrayContaining(['--max-old-space-size=96', CLI, 'serve', ...options.slice(0, 4)]))
    expect(existsSync(join(termux.home, `it's here/lock`))).toBe(true)
    expect(termux.wakeLocks()).toBe(1)
    expect(await inkling('service', 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`--port ${port}`),
    })
    const { stdout: json } = await inkling('service', 'status', '--json')
    expect(JSON.parse(json)).toMatchObject({ supervisor: 'runit', installed: true, running: true })
  })

  test('a server that is killed is started again', async () => {
    const before = termux.serverPid()
    process.kill(before, 'SIGKILL')
    await expect.poll(() => ![0, before].includes(termux.serverPid()), { timeout: START }).toBe(true)
    await expect.poll(alive, { timeout: START }).toBe(200)
  })

  test('logs prints what the server printed', async () => {
    const { code, stdout } = await inkling('service', 'logs')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d{4}-\d\d-\d\d_[^\n]*Inkling is at http:/)])
    const last = await inkling('service', 'logs', '--lines', '1')
    expect(last.stdout).toMatch(/^[^\n]* backend [^\n]*\n$/)
  })

  test('the log takes at most 0.6 MB', async () => {
    const line = `${'inkling: a warning '.repeat(10)}\n`
    const trial = join(termux.home, 'trial')
    await termux.run('mkdir', trial)
    writeFileSync(join(trial, 'config'), readFileSync(join(termux.logs, 'config')))
    await runProcess('svlogd', ['-tt', trial], { input: line.repeat(15_000) })
    const files = readdirSync(trial).filter((name) => name === 'current' || name.startsWith('@'))
    expect(files.length).toBe(6)
    expect(files.reduce((sum, name) => sum + statSync(join(trial, name)).size, 0)).toBeLessThan(600_000)
  })

  test('install again keeps the options, and takes others', async () => {
    const before = termux.serverPid()
    expect((await inkling('service', 'install')).code).toBe(0)
    await expect.poll(alive, { timeout: START }).toBe(200)
    expect(termux.serverPid()).not.toBe(before)
    port = await freePort()
    await inkling('service', 'install', '--', '--host', '127.0.0.1', '--port', String(port))
    await expect.poll(alive, { timeout: START }).toBe(200)
    expect(existsSync(join(termux.home, `it's here/lock`))).toBe(false)
  })

  test('the boot script keeps the phone awake and starts runit with its folders', async () => {
    const wanted = join(termux.prefix, 'var/run/wanted')
    writeFileSync(wanted, '')
    const { code } = await runProcess(termux.boot, [], { env: { PATH: '/usr/bin:/bin' }, outlived: true })
    expect([code, termux.wakeLocks()]).toEqual([0, 4])
    const folders = `${termux.prefix}/var/service\n${termux.prefix}/var/log\n`
    await expect.poll(() => readFileSync(wanted, 'utf8'), { timeout: 5000 }).toBe(folders)
  })

  test('restart starts another process, and one that cannot listen is not tried again and again', async () => {
    const before = termux.serverPid()
    expect((await inkling('service', 'restart')).code).toBe(0)
    expect(termux.serverPid()).not.toBe(before)
    const taken = createServer((socket) => socket.destroy())
    const busy = await listen(taken)
    const { stdout } = await inkling('service', 'install', '--', '--host', '127.0.0.1', '--port', String(busy))
    expect(stdout).toContain(`It does not answer at http://127.0.0.1:${busy}`)
    const failures = () => readFileSync(join(termux.logs, 'current'), 'utf8').split('port_in_use').length - 1
    await expect.poll(failures, { timeout: START }).toBeGreaterThan(0)
    const failed = failures()
    await new Promise((end) => setTimeout(end, 5000))
    expect(failures() - failed).toBeLessThanOrEqual(1)
    taken.close()
  })

  test('remove ends the server and takes service and boot script away', async () => {
    await inkling('service', 'install', '--', '--host', '127.0.0.1', '--port', String(port))
    await expect.poll(alive, { timeout: START }).toBe(200)
    expect((await inkling('service', 'remove')).code).toBe(0)
    expect(await alive()).toMatch('fetch failed')
    expect([existsSync(termux.service), existsSync(termux.boot)]).toEqual([false, false])
    await new Promise((end) => setTimeout(end, 6000)) // runsvdir looks every 5 s
    expect(await alive()).toMatch('fetch failed')
    expect(readdirSync(join(termux.prefix, 'var/service'))).toEqual([])
    expect((await inkling('service', 'remove')).code).toBe(0)
  })
})

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
