/** More requests at once than the server accepts, from clients that repeat them at once: some are answered, the rest are refused. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory, noProc } from '../process-usage.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { drive, type Load, percentile, postRequest } from './load-client.ts'
import { loadDrawings } from './load-drawings.ts'
import { dial, send } from './wire.ts'

const SECONDS = 3

/** Milliseconds by which 99 % of the refusals come later than 99 % of the answers; below 0, earlier. */
const lateness = ({ times, refusalTimes }: Load) => percentile(refusalTimes, 0.99) - percentile(times, 0.99)

describe('connections beyond those there is room for', () => {
  it('get 503 with Retry-After and are closed, the others stay open, and there is room again when one has closed', async () => {
    const server = await startServer({
      INKLING_CONNECTIONS: '4',
      INKLING_RATE_LIMIT: 'off',
      INKLING_DATA: '/nonexistent',
    })
    const request = `GET /livez HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`
    const half = await Promise.all([1, 2, 3, 4].map(() => dial(server.port)))
    for (const wire of half) wire.socket.write(request.slice(0, -2))
    const fifth = await dial(server.port)
    fifth.socket.write(request)
    await fifth.until(/^HTTP\/1.1 503 [\s\S]*retry-after: 1[\s\S]*"code":"busy"/i, 2000)
    expect(await fifth.closed(1000)).toBe(true)
    half[0].socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const sixth = await dial(server.port)
    sixth.socket.write(request)
    await sixth.until(/alive/, 2000)
    for (const wire of half.slice(1)) {
      wire.socket.write('\r\n')
      await wire.until(/alive/, 2000)
    }
    for (const wire of [...half, sixth]) wire.socket.destroy()
    expect(await server.stop()).toBe(0)
  })
})

describe('seven networks with 8 connections each that ask again at once', () => {
  it('leave a visitor 16 of 16 answers', { timeout: 60_000 }, async () => {
    const server = await startServer({ INKLING_RATE_LIMIT: '1000000', INKLING_DATA: '/nonexistent' })
    const requests = loadDrawings().map(({ digit, png }) => ({
      digit,
      bytes: postRequest(server.port, '/api/v1/predict', 'image/png', png),
    }))
    const flood = drive(server.port, requests, 56, 6, (k) => `127.0.0.${2 + (k >> 3)}`)
    const statuses: number[] = []
    for (let k = 0; k < 16; k++) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      statuses.push((await send(server.port, requests[k % requests.length].bytes)).status)
    }
    expect(statuses).toEqual(Array(16).fill(200))
    expect((await flood).refused).toBeGreaterThan(100)
    expect(await server.stop()).toBe(0)
  })
})

describe('64 connections on a queue of 16', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_DATA: '/nonexistent', INKLING_MODEL: 'cnn-small' })
  })
  afterAll(() => server.stop())

  const load = (connections: number) => {
    const post = (png: Buffer) => postRequest(server.port, '/api/v1/predict', 'image/png', png)
    const requests = loadDrawings().map(({ digit, png }) => ({ digit, bytes: post(png) }))
    return drive(server.port, requests, connections, SECONDS)
  }

  it('get the right digit or a 503 with Retry-After, 99 % of these at most 0.1 s later than 99 % of the digits, half as many digits as 16 or more, and take 64 MiB at most', {
    timeout: 90_000,
  }, async ({ annotate }) => {
    await load(16) // compiled by then
    const some = await load(16)
    const before = noProc ? 0 : memory(server.pid).now
    let many = await load(64)
    const loads = [many]
    const stalled = () => lateness(many) > 100 || many.answered < some.answered / 2
    // other work of the machine stalls everything for moments
    while (loads.length < 4 && stalled()) {
      many = await load(64)
      loads.push(many)
    }
    const grown = noProc ? 0 : memory(server.pid).now - before
    expect([some.refused, some.other, some.wrong]).toEqual([0, 0, 0])
    for (const { other, wrong } of loads) expect([other, wrong]).toEqual([0, 0])
    expect(many.refused).toBeGreaterThanOrEqual(32)
    expect(lateness(many)).toBeLessThan(100)
    expect(many.answered).toBeGreaterThan(some.answered / 2)
    expect(grown).toBeLessThan(64 * 1_048_576)
    const live = await fetch(`${server.url}/livez`)
    expect(live.status).toBe(200)
    await annotate(
      `${many.answered} answers of 64, ${some.answered} of 16, ${many.refused} refused, 99 % ${lateness(many)} ms later`,
    )
  })
})
