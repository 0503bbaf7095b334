/** Headers of proxies: whom they name as the visitor, and that a visitor cannot choose it himself. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isForwarded, parseAddress, readForwarding } from '../../../../server/http/visitors/forwarded.ts'

const TRUSTED = new Set(['127.0.0.1', '10.0.0.1', '10.0.0.2', 'fd00::1'])
const read = (headers: Record<string, string>) => readForwarding(headers, (address) => TRUSTED.has(address))
const visitor = (list: string) => read({ 'x-forwarded-for': list }).address
const visitorOf = (forwarded: string) => read({ forwarded }).address

describe('an address in a header of a proxy', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['"203.0.113.9:4711"', '203.0.113.9'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['"[2001:db8::1]:4711"', '2001:db8::1'],
    ['[2001:db8::1]:_port', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['fe80::1%wlan0', 'fe80::1'],
  ])('%s is %s', (text, address) => {
    expect(parseAddress(text)).toBe(address)
  })

  it.each([
    '',
    'unknown',
    '_hidden',
    '203.0.113',
    '203.0.113.256',
    '0203.0.113.9',
    '203.0.113.9 ',
    '203.0.113.9:1:2',
    '[2001:db8::1',
    '2001:db8::1]:1',
    'example.org',
    "127.0.0.1' or 1=1",
  ])('"%s" is none', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

describe('X-Forwarded-For', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['198.51.100.1,203.0.113.9,10.0.0.2,127.0.0.1', '203.0.113.9'],
    ['nonsense, "[, 203.0.113.9, 10.0.0.1', '203.0.113.9'],
    ['10.0.0.2, 127.0.0.1', '10.0.0.2'],
  ])('%s: the visitor is %s', (list, address) => {
    expect(visitor(list)).toBe(address)
  })

  it.each([
    '',
    ',',
    'unknown',
    '203.0.113.9, unknown',
    '203.0.113.9, nonsense, 10.0.0.1',
  ])('%s: nobody can tell', (list) => {
    expect(visitor(list)).toBeUndefined()
  })

  it('names nobody behind more than 32 proxies', () => {
    const behind = (count: number) => visitor(['203.0.113.9', ...Array(count).fill('127.0.0.1')].join(', '))
    expect([behind(31), behind(32)]).toEqual(['203.0.113.9', undefined])
  })

  it('names the same visitor whatever stands left of him', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000 }), fc.ipV4(), (invented, address) => {
        fc.pre(!TRUSTED.has(address))
        expect(visitor(`${invented}, ${address}`)).toBe(address)
        expect(visitor(`${invented}, ${address}, 10.0.0.1, fd00::1`)).toBe(address)
      }),
    )
  })
})

describe('Forwarded', () => {
  it.each([
    ['for=203.0.113.9', '203.0.113.9'],
    ['For="[2001:db8::1]:4711"; proto=https;by=_inkling', '2001:db8::1'],
    ['for=198.51.100.1, for=203.0.113.9;host="a;b\\"c", for=10.0.0.1', '203.0.113.9'],
    ['for="198.51.100.1, for=203.0.113.9;by=10.0.0.1', '203.0.113.9'],
  ])('%s: the visitor is %s', (header, address) => {
    expect(visitorOf(header)).toBe(address)
  })

  it.each([
    'for=unknown',
    'for=_hidden',
    'for=',
    'for',
    'for=203.0.113.9 x',
    'for="203.0.113.9',
    'for="203.0.113.9"x',
    'for=203.0.113.9, proto=https',
    'proto=https',
    ';;,;=',
  ])('%s: nobody can tell', (header) => {
    expect(visitorOf(header)).toBeUndefined()
  })

  it('names the same visitor whatever stands left of him', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000 }), fc.ipV4(), (invented, address) => {
        fc.pre(!TRUSTED.has(address))
        expect(visitorOf(`${invented}, for=${address};proto=http`)).toBe(address)
        expect(visitorOf(`${invented}, for=${address}, for="[fd00::1]:9"`)).toBe(address)
      }),
    )
  })
})

describe('both kinds of headers', () => {
  it('are believed where they agree', () => {
    const headers = {
      'x-forwarded-for': '198.51.100.1, 203.0.113.9',
      'x-forwarded-host': 'Digits.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for="203.0.113.9:1";host=digits.example;proto=HTTPS',
    }
    expect(read(headers)).toEqual({ address: '203.0.113.9', host: 'Digits.example', scheme: 'https' })
  })

  it('name nobody where they disagree, whichever of them the visitor invented', () => {
    for (const invented of ['for=198.51.100.1', 'for=unknown', 'for=10.0.0.1', 'for=']) {
      expect(read({ 'x-forwarded-for': '203.0.113.9', forwarded: invented }).address).toBeUndefined()
    }
    for (const invented of ['198.51.100.1', 'nonsense', '10.0.0.1']) {
      expect(read({ 'x-forwarded-for': invented, forwarded: 'for=203.0.113.9' }).address).toBeUndefined()
    }
    expect(read({ 'x-forwarded-for': '198.51.100.1', forwarded: 'for=unknown' }).address).toBeUndefined()
    // what is malformed, no proxy wrote
    expect(read({ 'x-forwarded-for': '203.0.113.9', forwarded: 'for="' }).address).toBe('203.0.113.9')
  })

  it('give no host that a check could admit where they disagree, and no scheme', () => {
    const headers = { 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'http', forwarded: 'host=a.b;proto=https' }
    expect(read(headers)).toEqual({ address: undefined, host: 'localhost, a.b', scheme: undefined })
  })

  it('of any text throw nothing and name an IP address or nobody', () => {
    const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: fc.constantFrom(...'for=;,"\\[]:.1a ') }))
    fc.assert(
      fc.property(text, text, text, text, (list, forwarded, host, proto) => {
        const headers = { 'x-forwarded-for': list, forwarded, 'x-forwarded-host': host, 'x-forwarded-proto': proto }
        const { address } = read(headers)
        if (address !== undefined) expect(parseAddress(address)).toBe(address)
      }),
    )
  })
})

it('X-Forwarded-Host and -Proto count as the proxy next to the server wrote them', () => {
  const headers = { 'x-forwarded-host': 'invented.example, digits.example', 'x-forwarded-proto': 'https, http' }
  expect(read(headers)).toEqual({ address: undefined, host: 'digits.example', scheme: 'http' })
})

it('a request is forwarded where any header of a proxy is there', () => {
  for (const name of [
    'forwarded',
    'via',
    'x-real-ip',
    ...['for', 'host', 'proto'].map((end) => `x-forwarded-${end}`),
  ]) {
    expect(isForwarded({ host: 'localhost', [name]: '' })).toBe(true)
  }
  expect(isForwarded({ host: 'localhost', 'user-agent': 'curl' })).toBe(false)
})
