/** Pages on other origins: what those that the owner allows may do, and that nothing changes for the others. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../../../server/config.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { ONE, testApp } from '../application.ts'
import { send } from '../wire.ts'

const FRIEND = 'https://digits.example.org'
const STRANGER = 'https://elsewhere.example'
const origins = new Set([FRIEND])

const json = { 'content-type': 'application/json' }

function ask(app: ReturnType<typeof testApp>, path: string, method: string, origin: string, more = {}, body?: string) {
  const headers = { ...json, origin, 'sec-fetch-site': 'cross-site', ...more }
  return app.request(path, { method, headers, ...(body !== undefined && { body }) })
}

const preflight = (app: ReturnType<typeof testApp>, path: string, origin: string, more = {}) =>
  ask(app, path, 'OPTIONS', origin, { 'access-control-request-method': 'POST', ...more })

/** The fields of an answer that have to do with other origins. */
const shared = ({ headers }: Response) =>
  [...headers].filter(([name]) => /^access-control|^cross-origin-resource|^vary$/.test(name)).sort()

const ALLOWED = [
  ['access-control-allow-origin', FRIEND],
  ['access-control-expose-headers', 'Allow, Content-Disposition, ETag, Retry-After'],
  ['cross-origin-resource-policy', 'cross-origin'],
  ['vary', 'Origin'],
]

describe('a page on an allowed origin', () => {
  it('gets an answer, with fields for it alone and for no credentials', async () => {
    const answer = await ask(testApp({ origins }), '/api/v1/predict', 'POST', FRIEND, {}, JSON.stringify(ONE))
    expect(answer.status).toBe(200)
    expect(shared(answer)).toEqual(ALLOWED)
  })

  it.each([
    ['400', 400, {}, 'POST', '/api/v1/predict', '{'],
    ['403', 403, {}, 'GET', '/api/v1/corrections', undefined],
    ['404 of a route', 404, {}, 'GET', '/api/v1/models/nothing', undefined],
    ['404 without one', 404, {}, 'GET', '/api/v1/nothing', undefined],
    ['405', 405, {}, 'PUT', '/api/v1/predict', '{}'],
    ['413', 413, {}, 'POST', '/api/v1/predict', `{"pixels":[${'0,'.repeat(3_000_000)}0]}`],
    ['415', 415, {}, 'POST', '/predict', 'x'],
    ['421', 421, { host: 'another.example' }, 'GET', '/api/v1/models', undefined],
  ])('reads a refusal too: %s', async (_, status, more, method, path, body) => {
    const type = status === 415 ? { 'content-type': 'text/plain' } : {}
    const answer = await ask(testApp({ origins }), path, method, FRIEND, { ...more, ...type }, body)
    expect(answer.status).toBe(status)
    expect(shared(answer)).toEqual(ALLOWED)
    expect(await answer.json()).toHaveProperty('detail')
  })

  it('reads that its share or the server’s is used, and for how long', async () => {
    const quota = testApp({ origins, ratePerMinute: 1 })
    let answer = await ask(quota, '/api/v1/predict', 'POST', FRIEND, {}, JSON.stringify(ONE))
    while (answer.status === 200) answer = await ask(quota, '/api/v1/predict', 'POST', FRIEND, {}, JSON.stringify(ONE))
    expect(answer.status).toBe(429)
    expect(shared(answer)).toEqual(ALLOWED)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const stopping = await ask(testApp({ origins, stopping: () => true }), '/api/v1/models', 'GET', FRIEND)
    expect(stopping.status).toBe(503)
    expect(shared(stopping)).toEqual(ALLOWED)
  })

  it('gets a model’s weights, and “not modified” where it has them', async () => {
    const app = testApp({ origins })
    const path = '/api/v1/models/softmax/weights'
    const first = await ask(app, path, 'GET', FRIEND)
    expect(shared(first)).toEqual(ALLOWED)
    const second = await ask(app, path, 'GET', FRIEND, { 'if-none-match': first.headers.get('etag') ?? '' })
    expect(second.status).toBe(304)
    expect(shared(second)).toEqual(ALLOWED)
  })

  it.each([
    '/api/v1/predict',
    '/api/v1/predict/',
    '/api/v1/corrections/an-id',
    '/list',
    '/process',
    '/predict/',
    '/predict',
  ])('may ask before it sends to %s: every header but Authorization, no credentials', async (path) => {
    const answer = await preflight(testApp({ origins }), path, FRIEND)
    expect(answer.status).toBe(204)
    expect(await answer.text()).toBe('')
    expect(shared(answer)).toEqual([
      [
        'access-control-allow-headers',
        'content-type, idempotency-key, if-none-match, last-event-id, x-csrftoken, x-requested-with',
      ],
      ['access-control-allow-methods', 'GET, HEAD, POST, DELETE'],
      ALLOWED[0],
      ALLOWED[1],
      ['access-control-max-age', '7200'],
      ...ALLOWED.slice(2),
    ])
  })

  it('may reach a private network from the internet where its browser asks for that', async () => {
    const field = 'access-control-allow-private-network'
    const app = testApp({ origins })
    expect((await preflight(app, '/api/v1/predict', FRIEND)).headers.has(field)).toBe(false)
    const asked = { 'access-control-request-private-network': 'true' }
    expect((await preflight(app, '/api/v1/predict', FRIEND, asked)).headers.get(field)).toBe('true')
    expect((await preflight(app, '/api/v1/predict', STRANGER, asked)).headers.has(field)).toBe(false)
  })

  it('may not ask by another name of this server, and neither has anything of the page or of its health', async () => {
    const app = testApp({ origins })
    expect((await preflight(app, '/api/v1/predict', FRIEND, { host: 'another.example' })).status).toBe(421)
    for (const path of ['/', '/livez', '/readyz']) {
      expect((await ask(app, path, 'GET', FRIEND)).headers.has('access-control-allow-origin')).toBe(false)
      expect((await preflight(app, path, FRIEND)).status).not.toBe(204)
    }
  })
})

describe('a page on another origin', () => {
  it.each([
    STRANGER,
    'null',
    '',
    '*',
    'http://digits.example.org',
    'https://digits.example.org:8443',
    'https://digits.example.org.',
    'https://DIGITS.example.org',
    'https://www.digits.example.org',
    'https://digits.example.org.elsewhere.example',
    `${FRIEND},${FRIEND}`,
    `${FRIEND}/`,
  ])('“%s” gets what it gets without the list: no field, no answer to what it sends', async (origin) => {
    for (const path of ['/api/v1/predict', '/predict/', '/predict']) {
      for (const allowed of [origins, new Set<string>()]) {
        const app = testApp({ origins: allowed })
        const sent = await ask(app, path, 'POST', origin, {}, JSON.stringify(ONE))
        expect(sent.status).toBe(403)
        expect(await sent.json()).toMatchObject({ code: 'cross_site' })
        const asked = await preflight(app, path, origin)
        expect(asked.status).toBe(405)
        for (const answer of [sent, asked]) {
          expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
          expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
        }
      }
    }
  })

  it('gets no answer from a cache that an allowed one has filled, nor the other way round', async () => {
    const headers = async (origins: ReadonlySet<string>, origin: Record<string, string>) =>
      (await testApp({ origins }).request('/api/v1/models/softmax/weights', { headers: origin })).headers
    for (const origin of [{ origin: FRIEND }, { origin: STRANGER }, {}]) {
      expect((await headers(origins, origin as Record<string, string>)).get('vary')).toBe('Origin')
    }
    expect((await headers(new Set(), { origin: FRIEND })).has('vary')).toBe(false)
  })

  it('may use /list and /process as ever', async () => {
    const app = testApp({ origins })
    for (const path of ['/list', '/process']) {
      const answer = await ask(app, path, path === '/list' ? 'GET' : 'POST', STRANGER)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      const asked = await preflight(app, path, 'null')
      expect(asked.status).toBe(204)
      expect(asked.headers.get('access-control-allow-origin')).toBe('*')
    }
  })
})

describe('the setting of origins', () => {
  it.each([
    ['https://digits.example.org', ['https://digits.example.org']],
    ['http://192.168.1.5:8080, http://[fd00::7]:81', ['http://192.168.1.5:8080', 'http://[fd00::7]:81']],
    ['HTTPS://Digits.Example.org:443', ['https://digits.example.org']],
    ['https://zürich.example', ['https://xn--zrich-kva.example']],
    ['capacitor://localhost', ['capacitor://localhost']],
  ])('takes %s', (text, expected) => {
    expect(readConfig({}, { INKLING_ORIGINS: text }).origins).toEqual(expected)
  })

  it.each([
    '*',
    'null',
    'any',
    'digits.example.org',
    '//digits.example.org',
    'https://',
    'https://*.example.org',
    'https://digits.example.org/',
    'https://digits.example.org/page',
    'https://digits.example.org?x',
    'https://user@digits.example.org',
    'https://digits.example.org:99999',
    'https://a.example https://b.example',
    'https://a.example,',
    'file:///home',
    'file://',
  ])('takes no %s, and shows it', (text) => {
    expect(() => readConfig({ origins: text }, {})).toThrow(ConfigError)
    expect(() => readConfig({ origins: text }, {})).toThrow(text)
    expect(() => readConfig({ origins: `https://a.example,${text}` }, {})).toThrow(
      /^--origins must be .*scheme:\/\/host/,
    )
  })
})

describe('a refusal before the application', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_ORIGINS: FRIEND, INKLING_LEARNING: 'off' })
  })
  afterAll(() => server?.stop())

  it.each([
    [414, 'GET', `/api/v1/${'x'.repeat(3000)}`, ''],
    [431, 'GET', '/api/v1/models', Array.from({ length: 70 }, (_, k) => `X-${k}: 1\r\n`).join('')],
    [417, 'POST', '/api/v1/predict', 'Expect: magic\r\nContent-Length: 1\r\n'],
  ])('%i is read by an allowed origin, and by no other', async (status, method, path, more) => {
    for (const origin of [FRIEND, STRANGER]) {
      const request = `${method} ${path} HTTP/1.1\r\nHost: localhost:${server.port}\r\nOrigin: ${origin}\r\n${more}\r\n`
      const answer = await send(server.port, request)
      expect(answer.status).toBe(status)
      expect(/^access-control-allow-origin: (\S*)/im.exec(answer.head)?.[1]).toBe(
        origin === FRIEND ? FRIEND : undefined,
      )
    }
  })
})
