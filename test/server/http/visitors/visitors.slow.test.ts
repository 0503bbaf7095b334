/** Visitors behind nginx and Caddy: who has a quota of their own, and that nobody gains anything by inventing headers. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { code } from '../../../docs/pages.ts'
import { describeUnless } from '../../../skip.ts'
import { CADDY, SECURE, serverBehindProxy, TRUSTED, USUAL } from './behind-proxy.ts'
import { noCaddy, noNginx } from './reverse-proxy.ts'
import { ask, DRAWING, NAME, type Question, useUp } from './visitor.ts'

const ONE_A_MINUTE = { INKLING_RATE_LIMIT: '1' }

describeUnless(noNginx || noCaddy, 'visitors', () => {
  const { start, port, output } = serverBehindProxy()

  /** Draws with further headers; the server's own share may be used up, which another second mends. */
  async function draw(from: string, headers: Question['headers'] = {}): Promise<number> {
    for (;;) {
      const { status } = await ask(port(), from, { ...DRAWING, headers: { ...DRAWING.headers, ...headers } })
      if (status !== 503) return status
      await sleep(1000)
    }
  }
  const sixty = Array.from({ length: 60 }, (_, i) => `127.0.1.${i + 1}`)

  test('60 visitors have one quota together where the proxy is not trusted, and the log says so once', async () => {
    await start(SECURE)
    const statuses = []
    for (const from of sixty) statuses.push(await draw(from))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
    expect(output().match(/^inkling: .*INKLING_TRUST_PROXY=loopback/gm)).toHaveLength(1)
  })

  test('the log of a server without settings says what the page quotes', async () => {
    await start(SECURE, { INKLING_HOSTS: '' })
    expect((await ask(port(), '127.0.0.2')).status).toBe(421)
    const quoted = code('docs/publishing.md').filter((line) => line.startsWith('inkling: '))
    const told = output().match(/^inkling: .*$/gm) ?? []
    expect(told).toEqual(quoted.map((line) => expect.toSatisfy((said: string) => isShortened(line, said))))
    expect(quoted).toHaveLength(2)
  })

  test('60 visitors have a quota each where it is, and the log says nothing', async () => {
    await start(SECURE, { ...TRUSTED, ...ONE_A_MINUTE })
    for (const from of sixty) expect([from, await draw(from)]).toEqual([from, 200])
    for (const from of sixty.slice(0, 5)) expect([from, await draw(from)]).toEqual([from, 429])
    expect(output()).not.toContain('inkling:')
  })

  test.each([
    ['nginx, with all the headers of the page', SECURE],
    ['nginx, with the usual headers', USUAL],
    ['Caddy', CADDY],
  ])('behind %s a visitor without quota gains nothing by a header, and another is answered', async (_, block) => {
    await start(block, { ...TRUSTED, ...ONE_A_MINUTE })
    expect(await useUp(port(), '127.0.0.2')).toBe(1)
    for (const forged of [
      { 'X-Forwarded-For': '203.0.113.9' },
      { 'X-Forwarded-For': '203.0.113.9, 127.0.0.1' },
      { 'X-Forwarded-For': 'unknown' },
      { 'X-Real-IP': '203.0.113.9' },
      { 'X-Client-IP': '203.0.113.9', 'CF-Connecting-IP': '203.0.113.9', 'True-Client-IP': '203.0.113.9' },
      { Forwarded: 'for=203.0.113.9' },
      { Forwarded: 'for=127.0.0.1' },
      { Forwarded: 'for=203.0.113.9;proto=https;host=digits.example.org' },
      { 'X-Forwarded-Host': NAME },
      { 'X-Requested-With': 'Inkling' },
    ]) {
      expect([forged, await draw('127.0.0.2', forged)]).toEqual([forged, 429])
    }
    expect(await draw('127.0.0.3')).toBe(200)
  })

  test.each([
    ['with all the headers of the page', SECURE],
    ['with the usual headers', USUAL],
  ])('behind nginx %s a name that was made to lead here stays refused, whatever its page sends', async (_, block) => {
    await start(block, TRUSTED)
    const page = { Host: 'rebound.example', Origin: 'https://rebound.example', 'Sec-Fetch-Site': 'same-origin' }
    for (const forged of [
      {},
      { 'X-Requested-With': 'Inkling' },
      { 'X-Forwarded-Host': NAME },
      { 'X-Forwarded-Host': 'localhost', 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'https' },
      { Forwarded: `for=127.0.0.1;host=${NAME};proto=https` },
    ]) {
      const status = await draw('127.0.0.2', { ...page, ...forged })
      expect([forged, status], JSON.stringify(forged)).toEqual([forged, expect.toBeOneOf([400, 421])])
    }
    const { status } = await ask(port(), '127.0.0.2', {
      path: '/api/v1/system',
      headers: { ...page, 'X-Forwarded-Host': NAME },
    })
    expect(status).toBe(421)
  })

  test('another site stays refused', async () => {
    await start(SECURE, TRUSTED)
    for (const headers of [
      { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'https://elsewhere.example' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null' },
    ]) {
      expect([headers, await draw('127.0.0.2', headers)]).toEqual([headers, 403])
    }
  })
})

/** Whether a line is another one with something left out, in place of which it has an ellipsis. */
function isShortened(line: string, whole: string): boolean {
  const [start = '', end = ''] = line.split('…')
  return whole.startsWith(start.trimEnd()) && whole.endsWith(end.trimStart())
}
