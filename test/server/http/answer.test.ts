/** What every answer of the application has in common. */

import { describe, expect, it } from 'vitest'
import { testApp } from './application.ts'

const { request, routes } = testApp({
  page: [
    { path: '/', type: 'text/html', sha256: '0', immutable: false, bytes: new Uint8Array(1), gzip: () => undefined },
  ],
})
const addresses = routes
  .filter(({ method }) => method !== 'ALL')
  .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, 'softmax') }))

describe('every answer', () => {
  it('is one of 25 routes or more', () => {
    expect(addresses.length).toBeGreaterThanOrEqual(25)
  })

  it.each([
    ...addresses,
    { method: 'GET', path: '/nowhere' },
    { method: 'DELETE', path: '/livez' },
  ])('to $method $path has the headers that keep browsers safe', async ({ method, path }) => {
    const { headers } = await request(path, { method })
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-resource-policy')).toMatch(/^(same-origin|cross-origin)$/)
    expect(headers.get('cache-control')).toMatch(/^no-(store|cache)$/)
  })
})
