/** What a browser shows that came here by a name which the server does not know. */

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { sha256Bytes } from '../../../../server/files/sha256.ts'
import { describeInBrowser, visit } from '../../../web/visit.ts'
import { testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'
import { testApp } from '../application.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const FOREIGN = 'digits.example'

describe('a refused host', () => {
  const { request } = testApp()
  const open = (host: string, headers: Record<string, string> = { accept: BROWSER }, method = 'GET') =>
    request('/', { method, headers: { host, ...headers } })

  it('is a page for a browser: 421, which names the host and the setting', async () => {
    const response = await open('phone.fritz.box:8300')
    expect([response.status, response.headers.get('content-type')]).toEqual([421, 'text/html; charset=utf-8'])
    const text = await response.text()
    expect(text).toContain('<strong>phone.fritz.box:8300</strong>')
    expect(text).toContain('<code>INKLING_HOSTS=phone.fritz.box</code>')
    expect((await open('phone.fritz.box', undefined, 'HEAD')).status).toBe(421)
  })

  it('is JSON for programs, and for what a page sends and loads', async () => {
    const answers = [
      await open('phone.fritz.box', {}),
      await open('phone.fritz.box', { accept: '*/*' }),
      await open('phone.fritz.box', { accept: BROWSER }, 'POST'),
      await open('phone.fritz.box', { accept: 'image/avif,image/*' }),
    ]
    for (const { status, headers } of answers) {
      expect([status, headers.get('content-type')]).toEqual([421, 'application/problem+json'])
    }
  })

  it('brings no markup into the page, may run no script, and load nothing', async () => {
    const response = await open(`"><img src=x onerror=alert(1)>&lt;${'x'.repeat(3000)}.example`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; .*sandbox$/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = await response.text()
    const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? ''
    expect(policy).toContain(`'sha256-${sha256Bytes(style).toString('base64')}'`)
    expect(text).not.toMatch(/<img|<script|onerror=|&lt/)
    expect(text.length).toBeLessThan(4000)
  })
})

describeInBrowser(
  'the page of a refused host',
  (browser) => {
    let server: RunningServer
    beforeAll(async () => {
      server = await startServer({ INKLING_WEIGHTS: testWeights() })
    })
    afterAll(() => server?.stop())

    test.each([
      ['360 px', { viewport: { width: 360, height: 640 }, colorScheme: 'light' as const }],
      ['1440 px, dark', { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' as const }],
    ])('can be read at %s: styled, no wider than the screen, no complaints', async (_, options) => {
      const url = `http://${FOREIGN}:${server.port}/`
      const { page, complaints, close } = await visit(browser(), url, { ...options, ready: false })
      expect(await page.locator('h1').textContent()).toBe('Inkling does not know this name')
      expect(await page.locator('pre').textContent()).toBe(`INKLING_HOSTS=${FOREIGN}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(options.viewport.width)
      const size = await page
        .locator('p')
        .first()
        .evaluate((element) => getComputedStyle(element).fontSize)
      expect(size).toBe('17px')
      await close()
      expect(complaints.filter((text) => !/421/.test(text))).toEqual([])
    })
  },
  [`MAP ${FOREIGN} 127.0.0.1`],
)
