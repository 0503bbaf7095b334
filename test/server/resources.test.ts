/** The models, the system, the page and their headers, without sockets. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ModelsResponse, SystemResponse } from '../../core/protocol.ts'
import { sha256 } from '../../server/files/sha256.ts'
import { readPage } from '../../server/http/page-files.ts'
import { HOST, ONE, testApp } from './http/application.ts'
import { testModel } from './models/test-model.ts'

const { card, bytes } = testModel()
const API = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

describe('the models', () => {
  const { request } = testApp()

  it('are listed with accuracy, parameters and the digest of their weights', async () => {
    const answer = (await (await request('/api/v1/models')).json()) as ModelsResponse
    expect(answer.models).toEqual([
      {
        id: 'softmax',
        name: 'Test model',
        kind: 'softmax regression',
        type: 'network',
        parameters: 7850,
        accuracy: 0.1,
        bytes: bytes.length,
        memory: 131_072,
        state: 'available',
        dropout: false,
        version: 1,
        sha256: sha256(bytes),
        default: true,
      },
    ])
    expect(answer.broken).toEqual([])
  })

  it('have their whole card at their own address, and 404 unknown_model at others', async () => {
    expect(await (await request('/api/v1/models/softmax')).json()).toEqual(card)
    for (const path of ['/api/v1/models/resnet', '/api/v1/models/__proto__', '/api/v1/models/resnet/weights']) {
      const answer = await request(path)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'unknown_model' })
    }
  })

  it('give their weights byte for byte, and 304 to who has them already', async () => {
    const path = '/api/v1/models/softmax/weights'
    const whole = await request(path)
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(bytes)
    const tag = `"${sha256(bytes)}"`
    expect(whole.headers.get('etag')).toBe(tag)
    expect(whole.headers.get('cache-control')).toBe('no-cache')
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await request(path, { headers: { 'if-none-match': known } })
      expect([answer.status, await answer.text()]).toEqual([304, ''])
    }
    expect((await request(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200)
  })

  it('give weights that are named by digest for good, or not at all', async () => {
    const answer = await request(`/api/v1/models/softmax/weights?sha256=${sha256(bytes)}`)
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect((await request(`/api/v1/models/softmax/weights?sha256=${'0'.repeat(64)}`)).status).toBe(404)
  })
})

describe('the system', () => {
  it('says what it runs on and counts the predictions it has answered', async () => {
    const { request, predict } = testApp()
    await predict(JSON.stringify(ONE))
    await predict('{}')
    const answer = (await (await request('/api/v1/system')).json()) as SystemResponse
    expect(answer).toMatchObject({ name: 'inkling', backend: 'ts', selfTest: 'passed', arch: 'arm', predictions: 1 })
  })

  it('is alive and ready, under the headers of the API', async () => {
    const { request } = testApp()
    for (const path of ['/livez', '/readyz', '/api/v1/models', '/api/v1/nothing']) {
      const answer = await request(path)
      expect(Object.fromEntries(answer.headers)).toMatchObject(API)
      for (const absent of ['server', 'x-powered-by', 'access-control-allow-origin', 'strict-transport-security']) {
        expect(answer.headers.has(absent)).toBe(false)
      }
    }
    expect(await (await request('/livez', { method: 'HEAD' })).text()).toBe('')
  })

  it.each([
    [200, '/api/v1/predict', 'POST', HOST],
    [422, '/api/v1/predict?samples=x', 'POST', HOST],
    [405, '/api/v1/predict', 'PUT', HOST],
    [404, '/api/v1/nothing', 'GET', HOST],
    [421, '/livez', 'GET', 'elsewhere.example:8000'],
  ])('answers %i to %s by %s under the same headers', async (status, path, method, host) => {
    const body = method === 'GET' ? null : JSON.stringify(ONE)
    const answer = await testApp().request(path, {
      method,
      body,
      headers: { host, 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(status)
    expect(Object.fromEntries(answer.headers)).toMatchObject(API)
  })
})

describe('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-page-'))
  const script = `// ${'a script long enough to be worth packing '.repeat(100)}`
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Inkling</title>')
  writeFileSync(join(folder, 'assets', 'main-BdX3f9aQ.js'), script)
  writeFileSync(join(folder, 'assets', 'simd-C0ffee00.wasm'), new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
  const { request } = testApp({ page: readPage(folder) })

  it('has the policy that lets it run its own scripts and WebAssembly and nothing else', async () => {
    const answer = await request('/')
    expect(answer.status).toBe(200)
    const headers = Object.fromEntries(answer.headers)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'origin-agent-cluster': '?1',
      'permissions-policy':
        'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), serial=(), bluetooth=(), screen-wake-lock=(), xr-spatial-tracking=()',
    })
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types inkling-worker",
    )
  })

  it('has assets for a year, WebAssembly as application/wasm', async () => {
    const wasm = await request('/assets/simd-C0ffee00.wasm')
    expect(wasm.headers.get('content-type')).toBe('application/wasm')
    expect(wasm.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(new Uint8Array(await wasm.arrayBuffer())).toHaveLength(8)
  })

  it.each([
    ['gzip, deflate', 'gzip'],
    ['br;q=1, GZIP;q=0.5', 'gzip'],
    ['gzip;q=0, deflate', null],
    ['identity', null],
    ['', null],
  ])('is packed for "%s" as %s, with a tag of its own', async (accepted, coding) => {
    const answer = await request('/assets/main-BdX3f9aQ.js', { headers: { 'accept-encoding': accepted } })
    expect(answer.headers.get('content-encoding')).toBe(coding)
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    expect(answer.headers.get('etag')).toBe(`"${sha256(Buffer.from(script))}${coding ? '-gzip' : ''}"`)
    const body = Buffer.from(await answer.arrayBuffer())
    expect((coding ? gunzipSync(body) : body).toString()).toBe(script)
  })

  it('ignores a Range and answers 304 to who has the file', async () => {
    expect((await request('/', { headers: { range: 'bytes=0-3' } })).status).toBe(200)
    const tag = (await request('/')).headers.get('etag') as string
    expect((await request('/', { headers: { 'if-none-match': tag } })).status).toBe(304)
  })

  it('answers 405 to a POST and 404 to what is no file of it', async () => {
    const answer = await request('/', { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    for (const path of ['/index.html', '/assets', '/assets/', '/assets/..%2findex.html']) {
      expect((await request(path)).status).toBe(404)
    }
  })

  it('may be missing: the API answers all the same', async () => {
    expect(readPage(join(folder, 'nowhere'))).toEqual([])
    expect((await testApp().request('/')).status).toBe(404)
  })
})
