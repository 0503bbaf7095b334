/** Visitors behind nginx that is set up as docs/publishing.md says: who has a quota of their own, and what they cannot forge. */

import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { PICTURE_LIMIT } from '../../../../core/picture.ts'
import { Random } from '../../../../core/random.ts'
import { chunk, file, ihdr } from '../../../core/png/writer.ts'
import { fenced } from '../../../docs/pages.ts'
import { freePorts } from '../../../free-port.ts'
import { describeUnless } from '../../../skip.ts'
import { testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { noNginx, pasted, type ReverseProxy, selfSigned, startNginx } from './reverse-proxy.ts'
import { ask, DRAWING, listen, NAME, type Question, useUp } from './visitor.ts'

const [plain = '', secure = ''] = fenced('docs/publishing.md', 'nginx')

/** As most people set nginx up: it neither sets nor removes these two headers of a visitor. */
const usual = secure.replaceAll(/.*proxy_set_header (X-Forwarded-Host|Forwarded) .*\n/g, '')

/** With connections to the server that are kept open. */
const pooled = `upstream inkling { server 127.0.0.1:8000; keepalive 16; }\n${secure.replace('//127.0.0.1:8000', '//inkling')}`

const TRUSTED = { INKLING_TRUST_PROXY: '127.0.0.1' }
const ONE_A_MINUTE = { INKLING_RATE_LIMIT: '1' }

describeUnless(noNginx, 'behind nginx', () => {
  let server: RunningServer
  let proxy: ReverseProxy
  let port: number
  const files = selfSigned(`DNS:${NAME}`)

  async function start(block: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = { INKLING_WEIGHTS: testWeights(), INKLING_HOSTS: NAME, INKLING_LEARNING: 'off', ...env }
    server = await startServer(settings)
    await front(block)
  }
  async function front(block: string): Promise<void> {
    const [http, https] = (await freePorts(2)) as [number, number]
    proxy = await startNginx(pasted(block, server.port, { http, https }, await files), https)
    port = https
  }
  afterEach(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  /** Draws with further headers; the server's own share may be used up, which another second mends. */
  async function draw(from: string, headers: Question['headers'] = {}): Promise<number> {
    for (;;) {
      const { status } = await ask(port, from, { ...DRAWING, headers: { ...DRAWING.headers, ...headers } })
      if (status !== 503) return status
      await sleep(1000)
    }
  }
  const sixty = Array.from({ length: 60 }, (_, i) => `127.0.1.${i + 1}`)

  test('60 visitors have one quota together where the proxy is not trusted, and the log says so once', async () => {
    await start(secure)
    const statuses = []
    for (const from of sixty) statuses.push(await draw(from))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
    expect(server.output().match(/^inkling: .*INKLING_TRUST_PROXY=loopback/gm)).toHaveLength(1)
  })

  test('60 visitors have a quota each where it is, and the log says nothing', async () => {
    await start(secure, { ...TRUSTED, ...ONE_A_MINUTE })
    for (const from of sixty) expect([from, await draw(from)]).toEqual([from, 200])
    for (const from of sixty.slice(0, 5)) expect([from, await draw(from)]).toEqual([from, 429])
    expect(server.output()).not.toContain('inkling:')
  })

  test.each([
    ['with all the headers of the page', secure],
    ['with the usual headers', usual],
  ])('%s a visitor without quota gains nothing by a header, and another is answered', async (_, block) => {
    await start(block, { ...TRUSTED, ...ONE_A_MINUTE })
    expect(await useUp(port, '127.0.0.2')).toBe(1)
    for (const forged of [
      { 'X-Forwarded-For': '203.0.113.9' },
      { 'X-Forwarded-For': '203.0.113.9, 127.0.0.1' },
      { 'X-Forwarded-For': 'unknown' },
      { 'X-Real-IP': '203.0.113.9' },
      { 'X-Client-IP': '203.0.113.9', 'CF-Connecting-IP': '203.0.113.9', 'True-Client-IP': '203.0.113.9' },
      { Forwarded: 'for=203.0.113.9' },
      { Forwarded: 'for=127.0.0.1' },
      { Forwarded: 'for=203.0.113.9;proto=https;host=digits.example.org' },
      { 'X-Forwarded-Host': NAME },
      { 'X-Requested-With': 'Inkling' },
    ]) {
      expect([forged, await draw('127.0.0.2', forged)]).toEqual([forged, 429])
    }
    expect(await draw('127.0.0.3')).toBe(200)
  })

  test.each([
    ['all the headers of the page', secure],
    ['the usual headers', usual],
  ])('a name that was made to lead here stays refused, with %s, whatever its page sends', async (_, block) => {
    await start(block, TRUSTED)
    const page = { Host: 'rebound.example', Origin: 'https://rebound.example', 'Sec-Fetch-Site': 'same-origin' }
    for (const forged of [
      {},
      { 'X-Requested-With': 'Inkling' },
      { 'X-Forwarded-Host': NAME },
      { 'X-Forwarded-Host': 'localhost', 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'https' },
      { Forwarded: `for=127.0.0.1;host=${NAME};proto=https` },
    ]) {
      const status = await draw('127.0.0.2', { ...page, ...forged })
      expect([forged, status], JSON.stringify(forged)).toEqual([forged, expect.toBeOneOf([400, 421])])
    }
    const { status } = await ask(port, '127.0.0.2', {
      path: '/api/v1/system',
      headers: { ...page, 'X-Forwarded-Host': NAME },
    })
    expect(status).toBe(421)
  })

  test('another site stays refused', async () => {
    await start(secure, TRUSTED)
    for (const headers of [
      { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'https://elsewhere.example' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null' },
    ]) {
      expect([headers, await draw('127.0.0.2', headers)]).toEqual([headers, 403])
    }
  })

  test.each([
    ['HTTP/1.0, as proxy_pass alone has it', `${plain.replace('80', '80 ssl')}`],
    ['HTTP/1.1', secure],
  ])('an event reaches a listener within 1 s, over %s', async (_, block) => {
    await start(block.replace('80 ssl;', '443 ssl;\nssl_certificate x;\nssl_certificate_key x;'), {
      ...TRUSTED,
      INKLING_LEARNING: 'on',
    })
    const events = await listen(port)
    await events.until(/event: ready/)
    const { text } = await ask(port, '127.0.0.2')
    const body = JSON.stringify({ predictionId: JSON.parse(text).id, label: 7 })
    const headers = { 'Content-Type': 'application/json' }
    const began = performance.now()
    const { status } = await ask(port, '127.0.0.2', { path: '/api/v1/corrections', headers, body })
    await events.until(/event: correction/)
    expect([status, performance.now() - began]).toEqual([201, expect.toSatisfy((took: number) => took < 1000)])
    events.close()
  })

  test('20 visitors at once, and 500 requests over connections that are kept open, get no error of the proxy', async () => {
    await start(pooled, TRUSTED)
    const agents = sixty.slice(0, 20).map((from) => [from, new Agent({ keepAlive: true, maxSockets: 1 })] as const)
    const statuses: number[] = []
    const visit = async ([from, agent]: (typeof agents)[number]) => {
      for (let i = 0; i < 25; i++) statuses.push((await ask(port, from, { path: '/api/v1/models' }, agent)).status)
      statuses.push(await draw(from))
      agent.destroy()
    }
    await Promise.all(agents.map(visit))
    expect(statuses.filter((status) => status !== 200)).toEqual([])
  })

  test('a picture of 4 MiB passes; without client_max_body_size nginx refuses it', async () => {
    const picture = noisyPicture()
    expect(picture.length).toBeGreaterThan(0.9 * PICTURE_LIMIT)
    expect(picture.length).toBeLessThanOrEqual(PICTURE_LIMIT)
    const upload = { path: '/api/v1/predict', headers: { 'Content-Type': 'image/png' }, body: picture }
    await start(secure, TRUSTED)
    const answered = await ask(port, '127.0.0.2', upload)
    expect(answered.status, answered.text).toBe(200)
    await proxy.stop()
    await front(secure.replace(/.*client_max_body_size.*\n/, ''))
    const { status, text } = await ask(port, '127.0.0.2', upload)
    expect([status, text]).toEqual([413, expect.stringContaining('nginx')])
  })
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
