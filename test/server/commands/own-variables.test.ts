/** A start in an environment that other programs have filled: shells, conda, Kubernetes, Docker. */

import { hostname, networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ownVariables } from '../../../server/commands/own-variables.ts'
import { evaluate } from '../../faults/habits.ts'
import { run } from '../command.ts'
import { startServer } from '../running-server.ts'

const SETS = 'INKLING_HOST or --host sets the address to listen on'

describe('HOST', () => {
  it.each(['0.0.0.0', '127.0.0.1', 'localhost', '::1', ''])('%j stays, and nothing is said', async (HOST) => {
    expect(await ownVariables({}, { HOST })).toEqual({ variables: { HOST }, notes: [] })
  })

  it('with an address of this machine stays', async () => {
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) {
      if (family === 'IPv4') expect((await ownVariables({}, { HOST: address })).notes).toEqual([])
    }
  })

  it.each([
    ['x86_64-conda-linux-gnu', /^it (is no address of this machine|did not resolve to an address within 0\.5 s)$/],
    ['192.0.2.1', /^it is no address of this machine$/],
    ['a b', /^it is no address$/],
    ['http://0.0.0.0:80', /^it is no address$/],
    [hostname(), /^it is this machine's name, as shells set it, and no address$/],
  ])('of %j is ignored within 0.5 s, with a sentence', async (HOST, reason) => {
    const started = performance.now()
    const { variables, notes } = await ownVariables({}, { HOST, OTHER: '1' })
    expect(performance.now() - started).toBeLessThan(2500) // a busy machine has a part in it
    expect(variables).toEqual({ OTHER: '1' })
    const [, value, why] =
      /^HOST="(.*)" is ignored: (.*); INKLING_HOST or --host sets the address to listen on$/.exec(notes[0]) ?? []
    expect([notes.length, value]).toEqual([1, HOST])
    expect(why).toMatch(reason)
  })

  it('is not looked at where INKLING_HOST or --host is given', async () => {
    const env = { HOST: 'a b', INKLING_HOST: '127.0.0.1' }
    expect(await ownVariables({}, env)).toEqual({ variables: env, notes: [] })
    expect((await ownVariables({ host: '127.0.0.1' }, { HOST: 'a b' })).notes).toEqual([])
    expect((await ownVariables({}, { HOST: 'a b', INKLING_HOST: ' ' })).notes).toHaveLength(1)
  })

  it('of localhost stays where that is the machine’s name, as on Android, with a sentence how to answer others', async () => {
    const code = `import { ownVariables } from './server/commands/own-variables.ts'
      console.log(JSON.stringify(await ownVariables({}, { HOST: 'localhost' })))`
    expect(JSON.parse(await evaluate(['hostname'], code))).toEqual({
      variables: { HOST: 'localhost' },
      notes: [
        'HOST="localhost" is the name of this machine, and has it answer nobody else; INKLING_HOST=0.0.0.0 has it answer all',
      ],
    })
  })

  it('that is ignored does not stop the start, which says so in one sentence; doctor says the same', async () => {
    const HOST = 'no address'
    const sentence = `HOST="no address" is ignored: it is no address; ${SETS}`
    const server = await startServer({ HOST })
    expect(server.output().split('\n')[0]).toBe(`inkling: ${sentence}`)
    expect((await fetch(`http://127.0.0.1:${server.port}/livez`)).status).toBe(200)
    await server.stop()
    const { stdout } = await run(['doctor', '--json'], { HOST, INKLING_PORT: '0' })
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; found: string }[] }
    const settings = checks.find(({ name }) => name === 'settings')
    expect(settings).toEqual({ name: 'settings', state: 'ok', found: `understood; ${sentence}` })
  })
})

describe('PORT and INKLING_PORT', () => {
  it('of a service of Kubernetes are ignored with a sentence', async () => {
    const env = { INKLING_PORT: 'tcp://10.0.0.1:8000', PORT: '8001', INKLING_SERVICE_HOST: '10.0.0.1' }
    const { variables, notes } = await ownVariables({}, env)
    expect(variables).toEqual({ PORT: '8001', INKLING_SERVICE_HOST: '10.0.0.1' })
    expect(notes).toEqual([
      'INKLING_PORT="tcp://10.0.0.1:8000" is ignored: Kubernetes and Docker set it for a service of that name; --port sets the port to listen on',
    ])
    const both = await ownVariables({}, { INKLING_PORT: 'tcp://10.0.0.1:8000', PORT: '"udp://[::1]:53"' })
    expect([both.variables, both.notes.length]).toEqual([{}, 2])
  })

  it('are not looked at where a flag or an earlier variable decides', async () => {
    const env = { INKLING_PORT: '8001', PORT: 'tcp://10.0.0.1:8000' }
    expect(await ownVariables({}, env)).toEqual({ variables: env, notes: [] })
    expect((await ownVariables({ port: '1' }, { PORT: 'tcp://10.0.0.1:8000' })).notes).toEqual([])
  })
})
