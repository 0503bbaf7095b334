/** Paths: the base path of a proxy that keeps it, slashes too many, and the older programs' routes, for which a slash counts. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPathReader } from '../../../server/http/path.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { ONE, testApp } from './application.ts'

const at = (basePath: string, path: string) => createPathReader(basePath)(new Request(`http://phone${path}`))

describe('the path of a request', () => {
  it.each([
    ['/digits/', '/digits/', '/'],
    ['/digits/', '/digits/api/v1/models', '/api/v1/models'],
    ['/digits/', '/digits/api/v1/models/', '/api/v1/models'],
    ['/digits/', '/digits/predict/', '/predict/'],
    ['/digits/', '/digits/predict', '/predict'],
    ['/at/home/', '/at/home/list', '/list'],
    ['/at/home/', '//at//home//list', '/list'],
    // without the base path as before: health checks, and proxies that strip it
    ['/digits/', '/', '/'],
    ['/digits/', '/livez', '/livez'],
    ['/digits/', '/api/v1/models', '/api/v1/models'],
    ['/at/home/', '/home/list', '/home/list'],
    // only as a whole, once, and as it is spelled
    ['/digits/', '/digits', '/digits'],
    ['/digits/', '/digitsapi/v1/models', '/digitsapi/v1/models'],
    ['/digits/', '/digits/digits/livez', '/digits/livez'],
    ['/digits/', '/Digits/livez', '/Digits/livez'],
    ['', '/digits/livez', '/digits/livez'],
  ])('below %s, of %s is %s', (basePath, path, expected) => {
    expect(at(basePath, path)).toBe(expected)
  })

  it.each([
    ['/api/v1/predict/', '/api/v1/predict'],
    ['/api/v1/predict/?model=cnn', '/api/v1/predict'],
    ['/api/v1/models/cnn/weights/', '/api/v1/models/cnn/weights'],
    ['/api/v1/predict//', '/api/v1/predict'],
    ['/predict/', '/predict/'],
    ['/predict', '/predict'],
    ['/list/', '/list/'],
    ['//api/v1/predict', '/api/v1/predict'], // an address with a slash at its end, and a path with one at its beginning
    ['//', '/'],
    ['/api/v1//predict', '/api/v1/predict'],
    ['//predict//', '/predict/'],
  ])('%s is %s', (path, expected) => {
    expect(at('', path)).toBe(expected)
  })
})

describe('a server below a path', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_BASE_PATH: 'at/home', INKLING_RATE_LIMIT: 'off', INKLING_LEARNING: 'off' })
  })
  afterAll(() => server?.stop())

  it('prints addresses with the path, and names them to its own machine', async () => {
    const printed = [...server.output().matchAll(/http:\/\/\S+/g)].map(([url]) => url)
    expect(printed.length).toBeGreaterThan(0)
    for (const url of printed) expect(url).toMatch(/:\d+\/at\/home\/$/)
    const { addresses } = (await (await fetch(`${server.url}/at/home/api/v1/system`)).json()) as { addresses: string[] }
    for (const url of addresses) expect(url).toMatch(/:\d+\/at\/home\/$/)
  })

  it.each([
    '',
    '/at/home',
    '//',
    '/at/home//',
  ])('answers below “%s”: a digit, a slash more, health, and its page', async (prefix) => {
    const body = JSON.stringify(ONE)
    const headers = { 'content-type': 'application/json' }
    for (const path of ['/api/v1/predict', '/api/v1/predict/?model=softmax']) {
      const answer = await fetch(server.url + prefix + path, { method: 'POST', headers, body })
      expect(await answer.json()).toMatchObject({ digit: 1 })
    }
    expect((await fetch(`${server.url}${prefix}/livez`)).status).toBe(200)
    expect(await (await fetch(`${server.url}${prefix}/`)).text()).toContain('<title>Inkling</title>')
    expect((await fetch(`${server.url}${prefix}/nothing`)).status).toBe(404)
  })

  it('adds the slash that is missing, relative to the address that was asked for, and only for reading', async () => {
    const answer = await fetch(`${server.url}/at/home?api=1`, { redirect: 'manual' })
    expect(answer.status).toBe(308)
    expect(answer.headers.get('location')).toBe('home/?api=1')
    expect((await fetch(`${server.url}/at/home`)).url).toBe(`${server.url}/at/home/`)
    expect((await fetch(`${server.url}/at/home`, { method: 'POST' })).status).toBe(405)
  })
})

describe('the older programs’ routes', () => {
  it('stay apart below a path too: a slash at the end means another program', async () => {
    const { request } = testApp({ basePath: '/digits/' })
    const post = (path: string) =>
      request(path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    // one wants a data URL, the other an object of pixels
    const [slash, plain] = await Promise.all(
      ['/digits/predict/', '/digits/predict'].map(async (path) => (await post(path)).text()),
    )
    expect(slash).not.toBe(plain)
    expect(await (await request('/predict/', { method: 'POST', body: '{}' })).text()).toBe(slash)
  })
})
