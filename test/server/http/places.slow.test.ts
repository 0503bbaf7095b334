/** Places of connections on a running server: taken by many who do nothing with them, and kept by slow clients who do their best. */

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testWeights } from '../models/test-model.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { DRAWING, PREDICT } from './quiet-server.ts'
import { answers, dial, send } from './wire.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startServer({ INKLING_WEIGHTS: testWeights(), INKLING_RATE_LIMIT: '100000' })
})
afterAll(async () => {
  expect(await server.stop()).toBe(0)
})

const post = (fields: string, body = '') =>
  `POST ${PREDICT} HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Type: application/json\r\n${fields}\r\n\r\n${body}`

/** Writes `first`, then `piece` once a second, until the connection is closed. */
function drip(socket: Socket, first: string, piece: string): void {
  socket.write(first)
  const timer = setInterval(() => socket.write(piece), 1000)
  socket.once('close', () => clearInterval(timer))
}

/** Holds 8 connections from each of some networks, and opens each again as soon as it is closed. The result ends that. */
function besiege(networks: number, hold: (socket: Socket) => void): () => void {
  const sockets = new Set<Socket>()
  let over = false
  const open = (network: number) => {
    if (over) return
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: `127.0.10.${network + 1}` })
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('connect', () => hold(socket))
    socket.on('close', () => {
      sockets.delete(socket)
      setTimeout(open, 50, network)
    })
  }
  for (let k = 0; k < 8 * networks; k++) open(k >> 3)
  return () => {
    over = true
    for (const socket of sockets) socket.destroy()
  }
}

describe('a visitor gets 16 of 16 answers within 2 s each', () => {
  it.each([
    ['8 networks hold 8 silent connections each', 8, (socket: Socket) => socket.resume()],
    ['16 networks do', 16, (socket: Socket) => socket.resume()],
    [
      '8 networks hold 8 each whose headers do not end',
      8,
      (socket: Socket) => drip(socket.resume(), 'GET / HTTP/1.1\r\nHost: localhost\r\n', 'X: y\r\n'),
    ],
    [
      '8 networks hold 8 each whose bodies come byte by byte',
      8,
      (socket: Socket) => drip(socket.resume(), post('Content-Length: 5000'), ' '),
    ],
  ] as const)('while %s', { timeout: 60_000 }, async (_, networks, hold) => {
    const end = besiege(networks, hold)
    await sleep(1500)
    const request = post(`Content-Length: ${DRAWING.length}\r\nConnection: close`, DRAWING)
    const statuses: number[] = []
    for (let k = 0; k < 16; k++) {
      const begun = performance.now()
      statuses.push((await send(server.port, request, 4000)).status)
      expect(performance.now() - begun).toBeLessThan(2000)
      await sleep(100)
    }
    end()
    expect(statuses).toEqual(Array(16).fill(200))
  })
})

describe('a picture of 300 kB', () => {
  it('gets its answer within 5 s while 64 bodies as large from 8 networks come byte by byte', async () => {
    const large = (length: number) => post(`Content-Length: ${length}`).replace('application/json', 'image/png')
    const end = besiege(8, (socket) => drip(socket.resume(), large(300_000), 'x'))
    await sleep(1500)
    const side = 600
    const picture = new PNG({ width: side, height: side })
    for (let k = 0; k < picture.data.length; k++) picture.data[k] = (k * k * 7919) >> 5 // does not compress well
    const png = PNG.sync.write(picture)
    expect(png.length).toBeGreaterThan(262_144)
    const begun = performance.now()
    const { status } = await send(server.port, Buffer.concat([Buffer.from(large(png.length)), png]))
    end()
    expect([200, 422]).toContain(status)
    expect(performance.now() - begun).toBeLessThan(5000)
  }, 60_000)
})

describe('a slow line', () => {
  it('may send for longer than 15 s: 20 kB at 1.2 kB a second, 60 kB at 3.5 kB', { timeout: 60_000 }, async () => {
    const begun = performance.now()
    const upload = async (bytes: number, each: number) => {
      const wire = await dial(server.port)
      const body = DRAWING.padEnd(bytes)
      wire.socket.write(post(`Content-Length: ${bytes}`))
      for (let sent = 0; sent < bytes; sent += each) {
        await sleep(1000)
        wire.socket.write(body.slice(sent, sent + each))
      }
      const answer = await wire.until(/^HTTP\/1.1 \d+/)
      wire.socket.destroy()
      return answer
    }
    expect(await Promise.all([upload(20_000, 1200), upload(60_000, 3500)])).toEqual(Array(2).fill('HTTP/1.1 200'))
    expect(performance.now() - begun).toBeGreaterThan(15_000)
  })
})

describe('a trusted proxy', () => {
  let server: RunningServer // another one
  beforeAll(async () => {
    server = await startServer({ INKLING_WEIGHTS: testWeights(), INKLING_TRUST_PROXY: 'loopback' })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const get = () => `GET /livez HTTP/1.1\r\nHost: localhost:${server.port}\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n`

  it('may have 64 connections open, and closes them itself', async () => {
    const wires = await Promise.all(Array.from({ length: 64 }, () => dial(server.port)))
    for (const wire of wires) wire.socket.write(get())
    await Promise.all(wires.map((wire) => wire.until(/alive/)))
    for (const wire of wires) {
      wire.socket.write(get())
      await wire.until(/alive[\s\S]*alive/)
    }
    // those of others are closed 5 to 6 s after an answer
    const closed = await Promise.all(wires.map((wire) => wire.closed(7000)))
    expect(closed.filter(Boolean)).toEqual([])
    for (const wire of wires) wire.socket.destroy()
  })

  it('gets answers to 150 requests on one connection', async () => {
    const wire = await dial(server.port)
    wire.socket.write(get().repeat(149) + get().replace('Host', 'Connection: close\r\nHost'))
    expect(await wire.closed()).toBe(true)
    expect(answers(wire.received()).map(({ status }) => status)).toEqual(Array(150).fill(200))
  })
})
