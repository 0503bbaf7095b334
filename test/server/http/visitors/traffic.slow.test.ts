/** What passes through nginx and Caddy as it should: events at once, large pictures, and many requests over connections that are kept open. */

import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { PICTURE_LIMIT } from '../../../../core/picture.ts'
import { Random } from '../../../../core/random.ts'
import { chunk, file, ihdr } from '../../../core/png/writer.ts'
import { describeUnless } from '../../../skip.ts'
import { testWeights } from '../../models/test-model.ts'
import { startServer } from '../../running-server.ts'
import { dial } from '../wire.ts'
import { CADDY, PLAIN, SECURE, serverBehindProxy, TRUSTED } from './behind-proxy.ts'
import { noCaddy, noNginx } from './reverse-proxy.ts'
import { ask, DRAWING, listen } from './visitor.ts'

/** `proxy_pass` alone, with TLS in front of it. */
const BARE = PLAIN.replace('listen 80;', 'listen 443 ssl;\nssl_certificate x;\nssl_certificate_key x;')

/** With connections to the server that are kept open. */
const POOLED = `upstream inkling { server 127.0.0.1:8000; keepalive 16; }\n${SECURE.replace('//127.0.0.1:8000', '//inkling')}`

describeUnless(noNginx || noCaddy, 'traffic', () => {
  const { start, front, port } = serverBehindProxy()

  test.each([
    ['nginx over HTTP/1.0, as proxy_pass alone has it', BARE],
    ['nginx over HTTP/1.1', SECURE],
    ['Caddy', CADDY],
  ])('an event reaches a listener within 1 s, behind %s', async (_, block) => {
    await start(block, { ...TRUSTED, INKLING_LEARNING: 'on' })
    const events = await listen(port())
    await events.until(/event: ready/)
    const { text } = await ask(port(), '127.0.0.2')
    const body = JSON.stringify({ predictionId: JSON.parse(text).id, label: 7 })
    const headers = { 'Content-Type': 'application/json' }
    const began = performance.now()
    const { status } = await ask(port(), '127.0.0.2', { path: '/api/v1/corrections', headers, body })
    await events.until(/event: correction/)
    expect([status, performance.now() - began]).toEqual([201, expect.toSatisfy((took: number) => took < 1000)])
    events.close()
  })

  test('20 visitors at once, each with 25 drawings over connections that are kept open, get no error of the proxy', async () => {
    await start(POOLED, { ...TRUSTED, INKLING_RATE_LIMIT: '6000' })
    const counts = new Map<number, number>()
    const visit = async (_: unknown, i: number) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let drawing = 0; drawing < 25; drawing++) {
        const { status } = await ask(port(), `127.0.1.${i + 1}`, DRAWING, agent)
        counts.set(status, (counts.get(status) ?? 0) + 1)
      }
      agent.destroy()
    }
    await Promise.all(Array.from({ length: 20 }, visit))
    // 503: more than 16 drawings wait, which is the server's own answer
    expect([...counts.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([])
    expect(counts.get(200)).toBeGreaterThan(250)
  })

  test('a picture of 4 MiB passes; without client_max_body_size nginx refuses it', async () => {
    const picture = noisyPicture()
    expect(picture.length).toBeGreaterThan(0.9 * PICTURE_LIMIT)
    expect(picture.length).toBeLessThanOrEqual(PICTURE_LIMIT)
    const upload = { path: '/api/v1/predict', headers: { 'Content-Type': 'image/png' }, body: picture }
    await start(SECURE, TRUSTED)
    const answered = await ask(port(), '127.0.0.2', upload)
    expect(answered.status, answered.text).toBe(200)
    await front(SECURE.replace(/.*client_max_body_size.*\n/, ''))
    const { status, text } = await ask(port(), '127.0.0.2', upload)
    expect([status, text]).toEqual([413, expect.stringContaining('nginx')])
  })
})

test('the connection of a trusted proxy waits longer for its next request than the 6 s of others', async () => {
  const server = await startServer({ INKLING_WEIGHTS: testWeights(), ...TRUSTED })
  const request = `GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const [proxy, other] = await Promise.all([dial(server.port), dial(server.port, '127.0.0.2')])
  for (const wire of [proxy, other]) wire.socket.write(request)
  await Promise.all([proxy, other].map((wire) => wire.until(/alive/)))
  expect(await other.closed(10_000)).toBe(true)
  await sleep(2000)
  proxy.socket.write(request)
  await proxy.until(/alive[\s\S]*alive/, 5000)
  proxy.socket.destroy()
  await server.stop()
})

/** A PNG of 860x860 px, 16 bits a sample, RGBA: a 1 on paper with noise in the lower half of each sample, which does not compress. */
function noisyPicture(): Uint8Array {
  const [side, random] = [860, new Random(4, 0)]
  const rows = Buffer.alloc(side * (1 + 8 * side)) // each after a zero, the filter
  for (let y = 0; y < side; y++) {
    for (let i = 0; i < 4 * side; i++) {
      const ink = Math.abs((i >> 2) - side / 2) < 40 && Math.abs(y - side / 2) < 350 && i % 4 !== 3
      rows.writeUInt16BE((ink ? 0x1000 : 0xff00) + random.below(256), y * (1 + 8 * side) + 1 + 2 * i)
    }
  }
  const header = ihdr({ width: side, height: side, rest: [16, 6, 0, 0, 0] })
  return file(header, chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND'))
}
