/** Trusted proxies: who is one, and that nobody else's headers count. */

import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isNetwork } from '../../../../server/http/visitors/address-list.ts'
import { createProxies } from '../../../../server/http/visitors/proxies.ts'

const LISTED = ['loopback', '192.168.1.5', '10.0.0.0/8', '2001:db8::/32', 'fd00::5']

const from = (remoteAddress: string | undefined, headers: Record<string, string>) =>
  ({ socket: { remoteAddress, localAddress: '192.168.1.7' }, headers }) as unknown as IncomingMessage

describe('a trusted proxy', () => {
  const { isTrusted, clientOf } = createProxies(LISTED)

  it.each([
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '::ffff:127.0.0.1',
    '192.168.1.5',
    '::ffff:192.168.1.5',
    '10.255.0.1',
    '2001:db8:ffff::1',
    'fd00::5',
  ])('is %s', (peer) => {
    expect(isTrusted(peer)).toBe(true)
  })

  it.each([
    '',
    '192.168.1.6',
    '::ffff:192.168.1.6',
    '11.0.0.1',
    '2001:db9::1',
    'fd00::6',
    '::ffff:0:1',
    'fe80::1%wlan0',
  ])('is not %s', (peer) => {
    expect(isTrusted(peer)).toBe(false)
  })

  it('is nobody unless set', () => {
    const { isTrusted: trusts } = createProxies([])
    for (const peer of ['127.0.0.1', '::1', '192.168.1.5', '']) expect(trusts(peer)).toBe(false)
  })

  it('says who the visitor is, which host he used, and whether over TLS', () => {
    const headers = {
      host: '127.0.0.1:8000',
      'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.1.1.1',
      'x-forwarded-host': 'digits.example:8443',
      'x-forwarded-proto': 'https',
    }
    expect(clientOf(from('::ffff:127.0.0.1', headers))).toEqual({
      address: '203.0.113.9',
      localAddress: '192.168.1.7',
      host: 'digits.example:8443',
      secure: true,
      forwarded: true,
    })
  })

  it.each([
    ['x-forwarded-for', 'forwarded', '203.0.113.9', 'for=198.51.100.1;host=invented.example'],
    ['forwarded', 'x-forwarded-for', 'for=203.0.113.9', '198.51.100.1'],
  ])('that writes %s only is known by its first ordinary request, and a visitor’s own %s is ignored', (own, other, value, invented) => {
    const { clientOf: who } = createProxies(LISTED)
    const ask = (headers: Record<string, string>) => {
      const { address, host } = who(from('10.1.2.3', { host: 'a', ...headers }))
      return { address, host }
    }
    const forged = { [own]: value, [other]: invented }
    expect(ask(forged).address).toBe('10.1.2.3') // nobody can tell yet
    const visitor = { address: '203.0.113.9', host: 'a' }
    expect(ask({ [own]: value })).toEqual(visitor)
    expect(ask(forged)).toEqual(visitor)
    expect(ask({ [other]: invented }).address).toBe('198.51.100.1') // another proxy at the same address, which writes the other one
    expect(ask(forged).address).toBe('10.1.2.3')
  })

  it('counts as the visitor itself where it does not say who that is', () => {
    for (const headers of [
      {},
      { 'x-forwarded-for': 'unknown' },
      { forwarded: 'for=_x' },
      { 'x-forwarded-host': 'a' },
    ]) {
      expect(clientOf(from('10.1.2.3', headers)).address).toBe('10.1.2.3')
    }
  })
})

it('HTTP/1.0 is a sign of a proxy, of which the log tells where the connection closes, as nginx has it', () => {
  const lines: string[] = []
  const { clientOf } = createProxies([], (line) => lines.push(line))
  const seen = (httpVersion: string, connection: string) => {
    const incoming = { ...from('127.0.0.1', { host: 'localhost', connection }), httpVersion } as IncomingMessage
    return [clientOf(incoming).forwarded, lines.length]
  }
  expect(seen('1.1', 'close')).toEqual([false, 0])
  expect(seen('1.0', 'keep-alive')).toEqual([true, 0])
  expect(seen('1.0', 'close')).toEqual([true, 1])
})

it('the headers of everybody else are noticed and ignored', () => {
  const { clientOf } = createProxies(LISTED)
  const headers = {
    host: 'phone.lan:8000',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'digits.example',
    'x-forwarded-proto': 'https',
    forwarded: 'for=203.0.113.9;host=digits.example;proto=https',
  }
  const plain = { localAddress: '192.168.1.7', host: 'phone.lan:8000', secure: false }
  for (const address of ['192.168.1.6', '203.0.113.1']) {
    expect(clientOf(from(address, headers))).toEqual({ address, forwarded: true, ...plain })
    expect(clientOf(from(address, { host: headers.host }))).toEqual({ address, forwarded: false, ...plain })
  }
  expect(clientOf(from(undefined, headers)).address).toBe('')
})

describe('the setting', () => {
  it.each(
    LISTED.concat('0.0.0.0/0', '::/0', '10.0.0.1/32', '192.168.1.5/24', '::ffff:10.0.0.0/104'),
  )('takes %s', (text) => {
    expect(isNetwork(text)).toBe(true)
    expect(() => createProxies([text])).not.toThrow()
  })

  it.each([
    '',
    'localhost',
    'proxy.lan',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0',
    '::/129',
    'fe80::1%wlan0',
    'loopback/8',
    '10.0.0.1:80',
    'http://10.0.0.1',
    '*',
  ])('refuses %s', (text) => {
    expect(isNetwork(text)).toBe(false)
  })
})

describe('the log', () => {
  const logOf = (trusted: readonly string[], peers: readonly string[], headers: Record<string, string>) => {
    const lines: string[] = []
    const { clientOf } = createProxies(trusted, (line) => lines.push(line))
    for (const peer of peers) clientOf(from(peer, headers))
    return lines
  }
  const forwarding = { host: 'localhost:8000', 'x-forwarded-for': '203.0.113.9' }

  it('tells of a proxy nearby that is not trusted once, with the line that trusts it and those before', () => {
    expect(logOf([], ['127.0.0.1', '::1', '::ffff:127.0.0.1'], forwarding)).toEqual([
      'loopback seems to be a reverse proxy, and all its visitors share one quota; if it is yours, let it set X-Forwarded-For and start the server with INKLING_TRUST_PROXY=loopback',
    ])
    const peers = ['::ffff:192.168.1.5', '192.168.1.5', '10.0.0.1', '192.168.1.5', '127.0.0.1', '::1', 'fe80::1%wlan0']
    const settings = logOf(['10.0.0.0/8'], peers, forwarding).map((line) => line.slice(line.indexOf('=') + 1))
    expect(settings).toEqual(['192.168.1.5', 'loopback', 'fe80::1'].map((peer) => `10.0.0.0/8,${peer}`))
  })

  it('tells of one that replaced Host, as the page of a browser shows', () => {
    const page = { host: '127.0.0.1:8000', origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }
    expect(logOf([], ['127.0.0.1'], page)).toHaveLength(1)
    expect(logOf(['loopback'], ['127.0.0.1'], page)).toEqual([
      'loopback seems to be a reverse proxy, and all its visitors share one quota; if it is yours, let it set X-Forwarded-For',
    ])
    expect(logOf([], ['127.0.0.1'], { ...page, host: 'localhost' })).toEqual([])
    expect(logOf(['loopback'], ['127.0.0.1'], { host: 'localhost', 'x-forwarded-proto': 'https' })).toHaveLength(1)
  })

  it('recommends no stranger, and tells of 8 proxies at most', () => {
    expect(logOf([], ['203.0.113.1', '2001:db8::1', '100.64.0.1', '172.32.0.1', ''], forwarding)).toEqual([])
    const neighbours = Array.from({ length: 200 }, (_, k) => `192.168.1.${k}`)
    expect(logOf([], neighbours, forwarding)).toHaveLength(8)
  })

  it('has nothing to tell of visitors without a proxy, and of trusted proxies that name them', () => {
    expect(logOf([], ['127.0.0.1'], { host: 'localhost:8000', 'sec-fetch-site': 'none' })).toEqual([])
    expect(logOf(['loopback'], ['127.0.0.1'], forwarding)).toEqual([])
  })
})
