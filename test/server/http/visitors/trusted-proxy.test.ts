/** A running server that trusts the proxies of its machine: whom it takes for the visitor, and what nobody can gain by headers. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CorrectionResponse, PredictResponse, SystemResponse } from '../../../../core/protocol.ts'
import { testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { ONE } from '../application.ts'
import { dial } from '../wire.ts'

type Headers = Record<string, string>

/** Runs a server with these settings for one test. */
async function withServer(settings: Headers, work: (server: RunningServer) => Promise<void>): Promise<void> {
  const server = await startServer({ ...QUICK, ...settings })
  try {
    await work(server)
  } finally {
    expect(await server.stop()).toBe(0)
  }
}

const QUICK = { INKLING_WEIGHTS: testWeights(), INKLING_LEARNING: 'off' }
const TRUSTING = { INKLING_TRUST_PROXY: 'loopback', INKLING_HOSTS: 'digits.example' }

/** Sends a request with exactly these headers; answers status, code where it is refused, and the body. */
async function ask(port: number, start: string, headers: Headers, body?: unknown, version = '1.1') {
  const text = body === undefined ? '' : JSON.stringify(body)
  const { socket, closed, received } = await dial(port)
  const fields = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const type = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`
  socket.write(`${start} HTTP/${version}\r\n${lines.join('')}${type}\r\n${text}`)
  await closed()
  socket.destroy()
  const [head, ...rest] = received().split('\r\n\r\n')
  const json = JSON.parse(/\{.*\}/s.exec(rest.join())?.[0] ?? '{}')
  return { status: `${head.slice(9, 12)}${json.code ? ` ${json.code}` : ''}`, json }
}

const predict = (port: number, headers: Headers) => ask(port, 'POST /api/v1/predict', headers, ONE)

describe('behind a trusted proxy', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ ...QUICK, ...TRUSTING, INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  it('every visitor has a quota of his own, which he cannot leave by sending headers himself', async () => {
    await withServer({ ...TRUSTING, INKLING_RATE_LIMIT: '3' }, async ({ port }) => {
      const visit = async (headers: Headers) => (await predict(port, headers)).status
      for (let k = 1; k <= 5; k++) expect(await visit({ 'X-Forwarded-For': `203.0.113.${k}` })).toBe('200')
      expect(await visit({ Forwarded: 'for="[2001:db8::1]:4711"' })).toBe('200')
      const again = [
        { 'X-Forwarded-For': '203.0.113.1' },
        { 'X-Forwarded-For': '198.51.100.1, 203.0.113.1' },
        { 'X-Forwarded-For': '", , 203.0.113.1:80, 127.0.0.1' },
        { 'X-Forwarded-For': '198.51.100.1', 'x-forwarded-for': '203.0.113.1' },
        { Forwarded: 'for=198.51.100.1;x=", for=203.0.113.1;proto=http' },
      ]
      for (const headers of again) expect(await visit(headers)).toBe('429 rate_limited')
      // together they are nobody in particular: one quota, that of the proxy
      expect(await visit({ 'X-Forwarded-For': '203.0.113.1', Forwarded: 'for=198.51.100.1' })).toBe('200')
      for (let k = 2; k <= 4; k++) {
        const invented = { 'X-Forwarded-For': '203.0.113.1', Forwarded: `for=198.51.100.${k}` }
        expect(await visit(invented)).toBe('429 rate_limited')
      }
      expect(await visit({})).toBe('429 rate_limited')
    })
  })

  it('a correction belongs to the visitor who gave it', async () => {
    const { port } = server
    const [mine, theirs] = ['203.0.113.1', '203.0.113.2'].map((address) => ({ 'X-Forwarded-For': address }))
    const { id: predictionId } = (await predict(port, mine)).json as PredictResponse
    const correction = { predictionId, label: 1 }
    expect((await ask(port, 'POST /api/v1/corrections', theirs, correction)).status).toBe('403 other_network')
    const { status, json } = await ask(port, 'POST /api/v1/corrections', mine, correction)
    expect(status).toBe('201')
    const path = `DELETE /api/v1/corrections/${(json as CorrectionResponse).id}`
    expect((await ask(port, path, theirs)).status).toBe('403 other_network')
    expect((await ask(port, path, mine)).status).toBe('204')
  })

  it('the host is the one that the visitor used, and both must be known', async () => {
    const { port, output } = server
    const live = async (headers: Headers) => (await ask(port, 'GET /livez', headers)).status
    expect(await live({ 'X-Forwarded-Host': 'digits.example' })).toBe('200')
    expect(await live({ Forwarded: 'host="digits.example:8443";proto=https' })).toBe('200')
    expect(await live({ 'X-Forwarded-Host': 'evil.example' })).toBe('421 foreign_host')
    expect(await live({ 'X-Forwarded-Host': 'localhost, evil.example' })).toBe('421 foreign_host')
    expect(await live({ Forwarded: 'host=evil.example' })).toBe('421 foreign_host')
    expect(await live({ Host: 'evil.example', 'X-Forwarded-Host': 'digits.example' })).toBe('421 foreign_host')
    expect(await live({ 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=digits.example' })).toBe('400 bad_host')
    expect(output()).toContain('INKLING_HOSTS=digits.example,evil.example')

    const post = async (Origin: string, more: Headers) => (await predict(port, { Origin, ...more })).status
    const tls = { 'X-Forwarded-Host': 'digits.example', 'X-Forwarded-Proto': 'https' }
    expect(await post('https://digits.example', tls)).toBe('200')
    expect(await post('http://digits.example', tls)).toBe('403 cross_site')
    expect(await post('https://digits.example:8443', tls)).toBe('403 cross_site')
    expect(await post(`http://127.0.0.1:${port}`, tls)).toBe('403 cross_site')
  })

  it('nobody learns the addresses of the network, though the proxy asks at localhost', async () => {
    const { port } = server
    const told = async (headers: Headers, version?: string) => {
      const { json } = await ask(port, 'GET /api/v1/system', headers, undefined, version)
      return (json as SystemResponse).addresses.length > 0
    }
    expect(await told({})).toBe(true)
    expect(await told({ 'X-Forwarded-For': '127.0.0.1' })).toBe(false)
    expect(await told({ 'X-Forwarded-For': '203.0.113.1', 'X-Forwarded-Host': 'localhost' })).toBe(false)
    expect(await told({ Via: '1.1 proxy' })).toBe(false)
    expect(await told({}, '1.0')).toBe(false)
  })
})

describe('a server that trusts no proxy', () => {
  it('ignores what the headers say, and its log tells once how to trust the proxy', async () => {
    await withServer({ INKLING_RATE_LIMIT: '3' }, async ({ port, output }) => {
      const statuses = []
      for (let k = 1; k <= 3; k++) {
        const headers = { 'X-Forwarded-For': `203.0.113.${k}`, 'X-Forwarded-Host': 'evil.example' }
        statuses.push((await predict(port, headers)).status)
      }
      expect(statuses).toEqual(['200', '429 rate_limited', '429 rate_limited'])
      expect(output().match(/INKLING_TRUST_PROXY=loopback\n/g)).toHaveLength(1)
      expect(output()).not.toContain('evil.example')
    })
  })
})

describe('a server that answers to any name', () => {
  it('says at its start what that costs, and still refuses other sites', async () => {
    await withServer({ INKLING_HOSTS: 'any', INKLING_RATE_LIMIT: 'off' }, async ({ port, output }) => {
      expect(output()).toMatch(/INKLING_HOSTS=any: .*\(DNS rebinding\)/)
      expect((await ask(port, 'GET /livez', { Host: 'a.b.tunnel.example' })).status).toBe('200')
      expect((await ask(port, 'GET /livez', { Host: '' })).status).toBe('421 foreign_host')
      const origin = { Host: 'a.b.tunnel.example', Origin: 'https://evil.example' }
      expect((await predict(port, origin)).status).toBe('403 cross_site')
      expect((await predict(port, { ...origin, 'Sec-Fetch-Site': 'cross-site' })).status).toBe('403 cross_site')
      expect((await predict(port, { ...origin, Origin: 'null' })).status).toBe('403 cross_site')
    })
  })
})
