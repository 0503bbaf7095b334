/** What the running server answers to HTTP that is malformed, oversized, foreign or of no use: bytes in, bytes out. */

import { describe, expect, it } from 'vitest'
import { DRAWING, PREDICT, quietServer } from './quiet-server.ts'
import { dial, send } from './wire.ts'

const { port, isQuiet, message, post, json, verdict } = quietServer()

describe('bodies', () => {
  const cases: [string, () => string, string][] = [
    ['a good one is answered', () => json(), '200'],
    [
      'a chunked one is answered',
      () => post(['Content-Type: application/json', 'Transfer-Encoding: chunked'], chunked(DRAWING)),
      '200',
    ],
    [
      'more than 4 MiB announced and sent',
      () => post(['Content-Type: image/png', 'Content-Length: 4194305'], 'x'.repeat(4_194_305)),
      '413 body_too_large',
    ],
    [
      'more than 4 MiB in chunks',
      () => post(['Content-Type: image/png', 'Transfer-Encoding: chunked'], chunked('x'.repeat(4_194_305))),
      '413 body_too_large',
    ],
    [
      '300 KiB in chunks, of no form that is known',
      () => post(['Content-Type: text/plain', 'Transfer-Encoding: chunked'], chunked('x'.repeat(307_200))),
      '415 bad_content_type',
    ],
    [
      '999,999,999 bytes announced, none sent',
      () => post(['Content-Type: image/png', 'Content-Length: 999999999']),
      '413 body_too_large',
    ],
    ['Content-Length and Transfer-Encoding', () => json('Transfer-Encoding: chunked'), '400 bad_request'],
    ['Content-Length abc', () => post(['Content-Length: abc']), '400 bad_request'],
    ['Content-Length -1', () => post(['Content-Length: -1']), '400 bad_request'],
    ['Content-Length +5', () => post(['Content-Length: +5'], 'hello'), '400 bad_request'],
    ['two Content-Lengths', () => post(['Content-Length: 5', 'Content-Length: 6'], 'hello!'), '400 bad_request'],
    [
      'Transfer-Encoding gzip, chunked',
      () => post(['Content-Type: application/json', 'Transfer-Encoding: gzip, chunked'], chunked(DRAWING)),
      '400 bad_transfer_encoding',
    ],
    ['Transfer-Encoding xchunked', () => post(['Transfer-Encoding: xchunked'], chunked(DRAWING)), '400 bad_request'],
    [
      'a chunk of size ZZ',
      () => post(['Content-Type: application/json', 'Transfer-Encoding: chunked'], 'ZZ\r\nhello\r\n'),
      '400 bad_request',
    ],
    ['Content-Encoding gzip', () => json('Content-Encoding: gzip'), '415 bad_content_encoding'],
    ['none, and no length', () => post([]), '400 empty_body'],
    ['none, of a PNG', () => post(['Content-Type: image/png', 'Content-Length: 0']), '400 empty_body'],
    [
      'a form without parts',
      () => post(['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 5'], '--x--'),
      '422 no_file',
    ],
  ]
  it.each(cases)('%s', async (_, request, expected) => {
    expect(await verdict(request())).toBe(expected)
  })
})

describe('hosts', () => {
  const cases: [string, () => string, string][] = [
    ['localhost', () => message('GET /livez'), '200'],
    ['LOCALHOST', () => message('GET /livez', [], '', `LOCALHOST:${port()}`), '200'],
    ['127.0.0.1', () => message('GET /livez', [], '', `127.0.0.1:${port()}`), '200'],
    ['[::1]', () => message('GET /livez', [], '', `[::1]:${port()}`), '200'],
    ['none in HTTP/1.1', () => 'GET /livez HTTP/1.1\r\n\r\n', '400 bad_host'],
    ['a/b', () => message('GET /livez', [], '', 'a/b'), '400 bad_request'],
    ['port 99999', () => message('GET /livez', [], '', 'localhost:99999'), '400 bad_request'],
    ['empty', () => message('GET /livez', [], '', ''), '421 foreign_host'],
    ['evil.example', () => message('GET /livez', [], '', `evil.example:${port()}`), '421 foreign_host'],
    [
      'the right name with another port, which a router may forward',
      () => message('GET /livez', [], '', 'localhost:1'),
      '200',
    ],
    ['the right name without a port', () => message('GET /livez', [], '', 'localhost'), '200'],
    ['the right name with a dot at its end', () => message('GET /livez', [], '', `localhost.:${port()}`), '200'],
    ['the address of a router in front', () => message('GET /livez', [], '', `192.0.2.77:${port()}`), '200'],
    ['an IPv6 address, with zeros spelled out', () => message('GET /livez', [], '', '[2001:db8:0:0::7]:8000'), '200'],
    ['an IPv6 address with a zone', () => message('GET /livez', [], '', '[fe80::1%25wlan0]:8000'), '200'],
    ['an IPv4-mapped address', () => message('GET /livez', [], '', '[::ffff:192.0.2.7]'), '200'],
    ['a name of a local network', () => message('GET /livez', [], '', 'Phone.LAN'), '200'],
    [
      'a name like one of a local network',
      () => message('GET /livez', [], '', 'phone.lan.example'),
      '421 foreign_host',
    ],
    ['an IPv4 address with a short end', () => message('GET /livez', [], '', '127.1:8000'), '421 foreign_host'],
    ['a foreign X-Forwarded-Host', () => message('GET /livez', ['X-Forwarded-Host: evil.example']), '200'],
    ['two', () => message('GET /livez', ['Host: evil.example']), '400 bad_host'],
    ['none in HTTP/1.0', () => 'GET /livez HTTP/1.0\r\n\r\n', '421 foreign_host'],
    ['a foreign absolute URL', () => message('GET http://evil.example/livez'), '421 foreign_host'],
    ['an absolute URL of our own', () => message(`GET http://localhost:${port()}/livez`), '200'],
  ]
  it.each(cases)('%s', async (_, request, expected) => {
    expect(await verdict(request())).toBe(expected)
  })
})

describe('other sites', () => {
  const cases: [string, () => string, string][] = [
    [
      'Origin elsewhere, text/plain',
      () => post(['Origin: http://evil.example', 'Content-Type: text/plain', 'Content-Length: 1'], 'x'),
      '403 cross_site',
    ],
    [
      'Origin elsewhere, no type',
      () => post(['Origin: http://evil.example', 'Content-Length: 1'], 'x'),
      '403 cross_site',
    ],
    ['Origin null', () => json('Origin: null'), '403 cross_site'],
    ['only Sec-Fetch-Site: cross-site', () => json('Sec-Fetch-Site: cross-site'), '403 cross_site'],
    [
      'Sec-Fetch-Site: same-site, another port of this machine',
      () => json('Sec-Fetch-Site: same-site'),
      '403 cross_site',
    ],
    [
      'Origin elsewhere, image/png',
      () => post(['Origin: http://evil.example', 'Content-Type: image/png', 'Content-Length: 1'], 'x'),
      '403 cross_site',
    ],
    [
      'foreign Host with the same foreign Origin',
      () => post([`Origin: http://evil.example:${port()}`, 'Content-Length: 1'], 'x', `evil.example:${port()}`),
      '421 foreign_host',
    ],
    ['our own page', () => json(`Origin: http://localhost:${port()}`, 'Sec-Fetch-Site: same-origin'), '200'],
    ['a browser that only sends Origin', () => json(`Origin: http://localhost:${port()}`), '200'],
  ]
  it.each(cases)('%s', async (_, request, expected) => {
    const answer = await send(port(), request())
    expect(answer.verdict).toBe(expected)
    expect(answer.head).not.toMatch(/access-control/i)
  })
})

describe('requests', () => {
  const cases: [string, () => string, string][] = [
    ['HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 bad_request'],
    ['HTTP/9.9', () => `GET / HTTP/9.9\r\nHost: localhost:${port()}\r\n\r\n`, '400 bad_request'],
    ['a TLS hello', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400 bad_request'],
    ['an unknown method', () => message('BREW /'), '400 bad_request'],
    ['TRACE', () => message(`TRACE ${PREDICT}`), '405 method_not_allowed'],
    ['OPTIONS *', () => message('OPTIONS *'), '400 bad_request'],
    ['a URL of 20 KiB', () => message(`GET /${'a'.repeat(20_480)}`), '431 headers_too_large'],
    ['a URL of 2,049 characters', () => message(`GET /${'a'.repeat(2048)}`), '414 uri_too_long'],
    ['a header of 20 KiB', () => message('GET /livez', [`X: ${'a'.repeat(20_480)}`]), '431 headers_too_large'],
    [
      '500 headers',
      () =>
        message(
          'GET /livez',
          Array.from({ length: 500 }, (_, k) => `X${k}: 1`),
        ),
      '431 too_many_headers',
    ],
    [
      '64 headers are answered',
      () =>
        message(
          'GET /livez',
          Array.from({ length: 63 }, (_, k) => `X${k}: 1`),
        ),
      '200',
    ],
    [
      '65 headers are not',
      () =>
        message(
          'GET /livez',
          Array.from({ length: 64 }, (_, k) => `X${k}: 1`),
        ),
      '431 too_many_headers',
    ],
    [
      '1,500 headers',
      () => message('GET /livez', [...Array.from({ length: 1500 }, () => 'X: 1'), 'Authorization: Bearer x']),
      '431 headers_too_large',
    ],
    ['NUL in the path', () => message('GET /\0'), '400 bad_request'],
    ['NUL in a header', () => message('GET /livez', ['X: a\0b']), '400 bad_request'],
    ['bare LF', () => `GET /livez HTTP/1.1\nHost: localhost:${port()}\n\n`, '400 bad_request'],
    ['a folded header', () => message('GET /livez', ['X: a', ' b']), '400 bad_request'],
    ['a space before the colon', () => message('GET /livez', ['X : a']), '400 bad_request'],
    ['Expect: 200-ok', () => json('Expect: 200-ok'), '417 bad_expectation'],
    ['Expect: 100-continue', () => json('Expect: 100-continue'), '200'],
  ]
  it.each(cases)('%s', async (_, request, expected) => {
    expect(await verdict(request())).toBe(expected)
  })

  it('CONNECT closes the connection without an answer', async () => {
    const wire = await dial(port())
    wire.socket.write(`CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:${port()}\r\n\r\n`)
    expect(await wire.closed()).toBe(true)
    expect(wire.received()).toBe('')
  })

  it('GET where only POST is served gets 405 with Allow', async () => {
    const answer = await send(port(), message(`GET ${PREDICT}`))
    expect(answer.verdict).toBe('405 method_not_allowed')
    expect(answer.head).toMatch(/^allow: POST$/im)
    expect((await send(port(), message('POST /livez'))).head).toMatch(/^allow: GET, HEAD$/im)
  })

  it.each([
    '/%00',
    '/%zz',
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/static/..\\..\\x',
    '/assets/../../package.json',
    '//admin/x',
    '/admin%2Fx',
    '/ADMIN/x',
    '/./admin/x',
    '/admin/x/',
    '/admin/x%20',
    '/admin',
    '/api/v1/models/../../x',
    '/api/v1/nothing',
    '/LIVEZ',
    '/livez/',
    '/index.html%00.png',
    '/node_modules',
    '/.git/config',
  ])('%s is not found', async (path) => {
    expect(await verdict(message(`GET ${path}`))).toBe('404 not_found')
  })

  it('leaves nothing behind when the client goes away mid-body or before the answer', async () => {
    for (let round = 0; round < 5; round++) {
      const half = await dial(port())
      half.socket.write(post(['Content-Type: image/png', 'Content-Length: 100000'], 'x'.repeat(5000)))
      const gone = await dial(port())
      gone.socket.write(json())
      gone.socket.destroy()
      await new Promise((resolve) => setTimeout(resolve, 20))
      half.socket.destroy()
    }
    expect(await verdict(json())).toBe('200')
    isQuiet()
  })
})

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}
