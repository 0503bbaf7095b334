/** The names by which the server may be called: those that nobody can register, those that are set, and no others. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InputError } from '../../../../core/errors.ts'
import { parsePattern } from '../../../../server/http/visitors/host-names.ts'
import { createHostCheck } from '../../../../server/http/visitors/hosts.ts'

const NAMES = ['digits.example.org', 'home.example.net:9000', '*.below.example', '.both.example', 'tls.example:443']

function verdictOf({ check }: ReturnType<typeof createHostCheck>) {
  return (host: string | undefined) => {
    try {
      check(host)
      return '200'
    } catch (error) {
      const { status, code } = error as InputError
      return `${status} ${code}`
    }
  }
}

describe('the host check', () => {
  const hosts = createHostCheck(NAMES, ['Phone.example.com'])
  const verdict = verdictOf(hosts)

  it.each([
    'localhost',
    '127.0.0.1',
    '192.168.1.7',
    '203.0.113.77',
    '[::1]',
    '[2001:db8::7]',
    '[2001:DB8:0:0::7]',
    '[::ffff:192.168.1.7]',
    '[fe80::1%25wlan0]',
    '[fe80::1%wlan0]',
    'phone',
    'my_phone-2',
    'phone.lan',
    'PHONE.Local',
    'a.b.c.home.arpa',
    'phone.internal',
    'inkling.localhost',
    'phone.example.com',
    'digits.example.org',
    'DIGITS.example.org',
    'a.below.example',
    'a.b.below.example',
    'both.example',
    'a.both.example',
  ])('knows %s, with any port, without one, and names with a dot at the end', (host) => {
    for (const port of ['', ':80', ':443', ':1', ':8000', ':65535']) expect(verdict(host + port)).toBe('200')
    if (!host.endsWith(']')) expect([verdict(`${host}.`), verdict(`${host}.:8000`)]).toEqual(['200', '200'])
    expect(hosts.admits(host)).toBe(true)
  })

  it('knows a name that is set with a port at that port alone; browsers leave out 80 and 443', () => {
    const hosts = ['home.example.net:9000', 'tls.example:443', 'tls.example', 'home.example.net', 'home.example.net:80']
    expect(hosts.map(verdict)).toEqual(['200', '200', '200', '421 foreign_host', '421 foreign_host'])
  })

  it.each([
    'evil.example',
    'phone.fritz.box',
    'phone.evil.example',
    'xdigits.example.org',
    'a.digits.example.org',
    'example.org',
    'below.example',
    'xbelow.example',
    'xboth.example',
    'phone.lan.evil.example',
    'localhost.evil.example',
    '192.168.1.7.evil.example',
    '192.168.1.7.nip.io',
    'evil.xlan',
    'evil.home-arpa',
    'home.arpa.evil',
  ])('does not know %s, with any port, without one, and with a dot at the end', (host) => {
    for (const end of ['', ':80', ':8000', '.', '.:8000']) expect(verdict(host + end)).toBe('421 foreign_host')
    expect(hosts.admits(host)).toBe(false)
  })

  it.each([
    '',
    '.',
    '.lan',
    'a..lan',
    'phone.lan..',
    '0x7f.1:8000',
    '127.1',
    '2130706433',
    '192.168.1.256',
    '192.168.1.7.8',
    '[192.168.1.7]',
    '[::1',
    '::1',
    '[::1].',
    '[::1%]',
    '[::1%a]b]',
    'user@localhost:8000',
    'http://localhost',
    'localhost/',
    ' localhost',
    'localhost:',
    'localhost:08000x',
    'localhost:65536',
    'localhost:8000.evil.example',
    'evil.example#.lan',
    'evil.example?.lan',
    'évil.lan',
  ])('refuses "%s", which is malformed, even where any name is admitted', (host) => {
    expect(verdict(host)).toBe('421 foreign_host')
    expect(verdictOf(createHostCheck(['any'], []))(host)).toBe('421 foreign_host')
  })

  it('refuses none, and more than one', () => {
    for (const check of [verdict, verdictOf(createHostCheck(['any'], []))]) {
      expect(check(undefined)).toBe('421 foreign_host')
      expect(check('localhost, localhost')).toBe('400 bad_host')
    }
  })

  it('knows every well-formed name where any is admitted', () => {
    const check = verdictOf(createHostCheck(['any'], []))
    for (const host of ['evil.example', 'a.b.tunnel.example:443', '203.0.113.9']) expect(check(host)).toBe('200')
  })

  it('admits no name that somebody could register, whatever the text', () => {
    const { admits } = createHostCheck([], ['phone'])
    const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/)
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'.lan:[]1%/@#0x, '), maxLength: 20 }),
      fc
        .tuple(label, label, fc.constantFrom('com', 'box', 'net.', 'lan.com', 'local.io:8000'))
        .map((all) => all.join('.')),
    )
    fc.assert(
      fc.property(text, (host) => {
        if (!admits(host)) return
        const { hostname } = new URL(`http://${host.replace(/%[^\]]*/, '')}`) // which takes no zone
        expect(hostname).toMatch(/^(\[[0-9a-f:]+\]|[\d.]+|[^.]+\.?|.+\.(local|lan|home\.arpa|internal|localhost)\.?)$/)
      }),
    )
  })
})

describe('a refused name', () => {
  it('is shown with what was expected and the setting to copy', () => {
    const { check } = createHostCheck(['digits.example.org'], [])
    expect(() => check('Phone.fritz.box:8300')).toThrow(
      'the Host is "Phone.fritz.box:8300"; expected an IP address, a name without dots or under .local, .lan, .home.arpa or .internal, or one of INKLING_HOSTS. If this is a name of the server, start it with INKLING_HOSTS=phone.fritz.box',
    )
    expect(() => check(undefined)).toThrow(/^the Host is missing; expected .*INKLING_HOSTS$/)
  })

  it('is shown cut, in plain characters, and without an example where it is malformed', () => {
    const { check } = createHostCheck([], [])
    expect(() => check(`<b onclick="x">\u001b[1m\n${'x'.repeat(5000)}`)).toThrow(
      /^the Host is "\?b\?onclick\?\?x\?\?\?\[1m\?x{80}\.\.\."; expected [^"<>=]+$/,
    )
  })

  it('is told to the log once, with the line that admits it and the names set before; 32 names at most', () => {
    const lines: string[] = []
    const verdict = verdictOf(createHostCheck(['digits.example.org'], [], (line) => lines.push(line)))
    for (const host of ['phone.fritz.box', 'PHONE.fritz.box.:8000', 'phone.fritz.box:1', 'localhost', 'x\ny.example']) {
      verdict(host)
    }
    expect(lines).toEqual([
      'refused the host name phone.fritz.box; if it is a name of this server, start it with INKLING_HOSTS=digits.example.org,phone.fritz.box',
    ])
    for (let k = 0; k < 1000; k++) verdict(`n${k}.example`)
    expect(lines).toHaveLength(32)
    for (const line of lines) expect(line).toMatch(/^[ -~]{1,400}$/)
  })

  it('writes no lines of its own into the log, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (host) => {
        const lines: string[] = []
        verdictOf(createHostCheck([], [], (line) => lines.push(line)))(host)
        for (const line of lines) expect(line).toMatch(/^refused the host name [a-z0-9._-]+; [ -~]+$/)
      }),
    )
  })
})

describe('the setting', () => {
  it.each([
    'a',
    'a.example',
    'a.example.',
    'A.Example:81',
    '*.a.example',
    '.a.example:81',
    '192.168.1.5',
    '[fd00::5]:81',
    'any',
    'zahlen-köln.de',
  ])('takes %s', (text) => {
    expect(parsePattern(text)).toBeDefined()
  })

  it('takes names in any script, as browsers send them', () => {
    const verdict = verdictOf(createHostCheck(['zahlen-köln.example', '*.例え.example'], []))
    expect(['xn--zahlen-kln-lcb.example', 'a.xn--r8jz45g.example'].map(verdict)).toEqual(['200', '200'])
  })

  it.each([
    '',
    '*',
    '.',
    '*.',
    '**.a.example',
    'a.*.example',
    '*a.example',
    'http://a.example',
    'a.example/digits',
    'a.example:',
    'a.example:99999',
    'a b',
    'a..example',
    'user@a.example',
    '*.192.168.1.5',
    '.[fd00::5]',
    '192.168.1.0/24',
  ])('refuses "%s"', (text) => {
    expect(parsePattern(text)).toBeUndefined()
  })
})
