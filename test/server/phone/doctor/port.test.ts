import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkNetwork, checkPort, findOccupant } from '../../../../server/phone/doctor/port.ts'

/** Listens at a free port while `work` runs. */
async function at(server: Server, work: (port: number) => Promise<void>): Promise<void> {
  server.listen(0)
  await once(server, 'listening')
  try {
    await work((server.address() as AddressInfo).port)
  } finally {
    server.close()
  }
}

const finding = async (port: number, host = '') => checkPort(port, host, await findOccupant(port, host))

describe('the port', () => {
  it('that nobody has is ok, and is free again afterwards', async () => {
    let port = 0
    await at(createServer(), async (free) => {
      port = free
    })
    for (let round = 0; round < 2; round++) {
      expect(await finding(port)).toEqual({ name: 'port', state: 'ok', found: `${port} is free` })
    }
    expect((await finding(0)).state).toBe('ok')
  })

  it.each([
    ['another page', createHttpServer((_, response) => response.end('<html>'))],
    ['other JSON', createHttpServer((_, response) => response.end('{"name":"other"}'))],
    ['null', createHttpServer((_, response) => response.end('null'))],
    ['another protocol', createServer((socket) => socket.end('220 ready\r\n'))],
    ['a program that hangs up', createServer((socket) => socket.destroy())],
  ])('that %s has is a problem', async (_, server) => {
    await at(server, async (port) => {
      expect(await finding(port)).toMatchObject({
        state: 'problem',
        found: `${port} is taken, and Inkling does not answer there`,
        remedy: `inkling serve --port ${port + 1}`,
      })
    })
  })

  it('that a program has which never answers is a problem after 2 s', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    await at(silent, async (port) => {
      const started = performance.now()
      expect((await finding(port)).state).toBe('problem')
      expect(performance.now() - started).toBeLessThan(4000)
    })
  })

  it('that a program has which answers without an end is a problem', async () => {
    const endless = createHttpServer((_, response) => {
      const more = () => response.write('x'.repeat(65_536), (error) => error || setImmediate(more))
      more()
    })
    await at(endless, async (port) => expect((await finding(port)).state).toBe('problem'))
    endless.closeAllConnections()
  })

  it('of an address that is not this machine’s is a problem, and says that', async () => {
    expect(await finding(8000, '203.0.113.1')).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('203.0.113.1 is no address of this machine'),
    })
  })
})

describe('the network', () => {
  it('is ok with an address for other devices, and where the server is for this machine alone or at any port', () => {
    expect(checkNetwork(['http://192.168.1.7:8000'], 8000, '')).toMatchObject({
      state: 'ok',
      found: 'http://192.168.1.7:8000',
    })
    expect(checkNetwork([], 8000, '127.0.0.1').state).toBe('ok')
    expect(checkNetwork([], 0, '').state).toBe('ok')
  })

  it('is unknown where the system tells no address', () => {
    expect(checkNetwork([], 8000, '')).toMatchObject({ state: 'unknown', remedy: 'ifconfig' })
  })
})
