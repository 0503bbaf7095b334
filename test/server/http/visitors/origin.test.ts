/** Whose requests are the page's own: what a browser says of itself, and what stays refused. */

import { describe, expect, it } from 'vitest'
import type { InputError } from '../../../../core/errors.ts'
import type { Client } from '../../../../server/http/dependencies.ts'
import { createHostCheck } from '../../../../server/http/visitors/hosts.ts'
import { refuseCrossSite } from '../../../../server/http/visitors/origin.ts'

const lines: string[] = []
const { admits, report } = createHostCheck(['digits.example'], [], (line) => lines.push(line))

interface Case {
  readonly host?: string
  readonly secure?: boolean
  readonly allowed?: string
  readonly path?: string
}

/** What a POST with these headers gets: undefined where it may go on. */
function refusalOf(headers: Record<string, string>, { host = '127.0.0.1:8000', secure, allowed, path }: Case = {}) {
  const request = new Request('http://localhost/', { method: 'POST', headers })
  const client: Client = { address: '', localAddress: '', host, secure: secure ?? false, forwarded: false }
  try {
    refuseCrossSite(request, path ?? '/api/v1/predict', client, {
      admits,
      report,
      allows: (origin) => origin === allowed,
    })
    return undefined
  } catch (error) {
    const { status, code, message } = error as InputError
    expect([status, code]).toEqual([403, 'cross_site'])
    return message
  }
}

const OWN = { 'x-requested-with': 'Inkling' }

describe('a request passes', () => {
  const cases: [string, Record<string, string>, Case?][] = [
    ['without any of these headers, as other programs send it', {}],
    [
      'where the browser says same-origin, though a proxy replaced Host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://digits.example' },
    ],
    ['where the browser says none', { 'sec-fetch-site': 'none' }],
    ['where Origin is Host', { origin: 'http://127.0.0.1:8000' }],
    ['where Origin is Host in other letters', { origin: 'http://Phone:8000' }, { host: 'PHONE:8000' }],
    ['where both have the default port, and one writes it', { origin: 'http://phone' }, { host: 'phone:80' }],
    ['so for https', { origin: 'https://phone' }, { host: 'phone:443' }],
    ['where a proxy adds TLS and keeps Host', { origin: 'https://digits.example' }, { host: 'digits.example' }],
    [
      'where a trusted proxy says https',
      { origin: 'https://digits.example' },
      { host: 'digits.example', secure: true },
    ],
    ['of the page, behind a proxy that replaced Host', { origin: 'http://192.168.1.5', ...OWN }],
    ['of the page, at a name that is set', { origin: 'http://digits.example:8080', ...OWN }],
    ['of an origin that is allowed', { origin: 'https://a.example' }, { allowed: 'https://a.example' }],
    [
      'of an origin that is allowed, where the browser says cross-site',
      { origin: 'https://a.example', 'sec-fetch-site': 'cross-site' },
      { allowed: 'https://a.example' },
    ],
    ['of anybody to a path of an older program', { origin: 'https://evil.example' }, { path: '/process' }],
  ]
  it.each(cases)('%s', (_, headers, more) => {
    expect(refusalOf(headers, more)).toBeUndefined()
  })
})

describe('a request is refused', () => {
  const cases: [string, Record<string, string>, Case?][] = [
    ['where the browser says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['where the browser says same-site', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8000' }],
    ['where the browser says cross-site of what looks like the page', { 'sec-fetch-site': 'cross-site', ...OWN }],
    [
      'where the browser says same-site of what looks like the page',
      { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8000', ...OWN },
    ],
    ['where the browser says something new', { 'sec-fetch-site': 'elsewhere' }],
    ['of another host', { origin: 'http://192.168.1.5' }],
    ['of another port', { origin: 'http://127.0.0.1:8001' }],
    ['of the default port where Host has another', { origin: 'http://127.0.0.1' }],
    ['of the port of the other scheme', { origin: 'https://phone' }, { host: 'phone:80' }],
    ['of http where a trusted proxy says https', { origin: 'http://a.lan' }, { host: 'a.lan', secure: true }],
    ['of the origin null', { origin: 'null' }],
    ['of the origin null with the mark of the page', { origin: 'null', ...OWN }],
    ['of the origin null where null is allowed', { origin: 'null' }, { allowed: 'null' }],
    ['of a rebound name with the mark of the page', { origin: 'http://evil.example', ...OWN }],
    ['of a local name with another mark', { origin: 'http://192.168.1.5', 'x-requested-with': 'XMLHttpRequest' }],
    ['of another scheme', { origin: 'file://127.0.0.1:8000', ...OWN }],
    ['of a malformed origin', { origin: '127.0.0.1:8000', ...OWN }],
    ['of an empty origin where there is no Host', { origin: 'http://' }, { host: '' }],
    ['of an origin like one that is allowed', { origin: 'https://a.example.evil' }, { allowed: 'https://a.example' }],
  ]
  it.each(cases)('%s', (_, headers, more) => {
    expect(refusalOf(headers, more)).toMatch(/ expected .*INKLING_ORIGINS/)
  })

  it('with the value received, the one expected, and the settings', () => {
    expect(refusalOf({ origin: 'http://192.168.1.5' })).toBe(
      'Origin is "http://192.168.1.5"; expected the origin "http://127.0.0.1:8000", this server\'s own page. INKLING_ORIGINS=http://192.168.1.5 admits a page elsewhere; a name of this server belongs into INKLING_HOSTS, and a reverse proxy must pass on Host, or X-Forwarded-Host and be named by INKLING_TRUST_PROXY',
    )
    expect(refusalOf({ 'sec-fetch-site': 'cross-site', origin: 'https://a.example' })).toMatch(
      /^Origin is "https:\/\/a\.example" and Sec-Fetch-Site is "cross-site"; expected "same-origin", .*INKLING_ORIGINS=https:\/\/a\.example /,
    )
    expect(refusalOf({ origin: 'null' })).toMatch(/^Origin is "null"; .*INKLING_ORIGINS admits/)
  })

  it('with a line in the log where the page itself sent it, from a name that may be the server’s behind a proxy', () => {
    lines.length = 0
    refusalOf({ origin: 'http://phone.example:8080' })
    expect(lines).toEqual([])
    for (let i = 0; i < 2; i++) refusalOf({ origin: 'http://phone.example:8080', ...OWN })
    expect(lines).toEqual([expect.stringMatching(/phone\.example;.*INKLING_HOSTS=digits\.example,phone\.example$/)])
  })

  it('without markup, and in no more than 700 characters, whatever was received', () => {
    const refusal = refusalOf({
      origin: `http://<script>"${'x'.repeat(4000)}`,
      'sec-fetch-site': `<${'y'.repeat(4000)}`,
    })
    expect(refusal).toMatch(/^[^<>&]{1,700}$/)
  })
})
