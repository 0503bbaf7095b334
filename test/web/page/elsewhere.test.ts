/** The page on another server than the phone that it asks. */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProcess } from '../../child-processes.ts'
import { readQrCode } from '../../qr-codes.ts'
import { noOpenssl, selfSigned } from '../../server/http/visitors/reverse-proxy.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { testUnless } from '../../skip.ts'
import { findChromium, LAN_NAME, launchChromium } from '../chromium.ts'
import { ownDigits } from '../digits.ts'
import { hostPage, type PageHost } from '../page-host.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SEVEN = ownDigits()[7]?.strokes ?? []
const THREE = ownDigits()[3]?.strokes ?? []
const PHONE_SIZE = { viewport: { width: 360, height: 740 } }

describeInBrowser('the page on another server', (browser) => {
  let host: PageHost
  let phone: RunningServer
  beforeAll(async () => {
    // with the policies under which a browser is strictest about what comes from elsewhere
    const policies = { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Opener-Policy': 'same-origin' }
    host = await hostPage(undefined, undefined, policies)
    phone = await startServer({ INKLING_ORIGINS: `https://a.example, ${host.origin}`, INKLING_HOSTS: LAN_NAME })
  })
  afterAll(async () => {
    host?.close()
    await phone?.stop()
  })

  test.each([
    '',
    '/',
  ])('asks the phone in its address, which may end with “%s”: answers, lessons, weights, all models, the stream', async (end) => {
    const { page, complaints, close } = await visit(browser(), `${host.url}?api=${phone.url}${end}`, PHONE_SIZE)
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    await page.locator('#survey summary').click()
    await page.locator('#survey-rows tr').nth(3).waitFor()
    await page.locator('#right').click()
    await page.getByText('Kept: a 7, so the answer was right.').waitFor()
    await page.locator('#yours[data-kind="learned"]').waitFor() // by this browser, in its worker
    await page.locator('#take-back').click()
    await page.getByText('Taken back: the phone has forgotten it.').waitFor()
    const events = page.waitForResponse((response) => response.url().includes('/api/v1/training/events'))
    await page.locator('#learning summary').click()
    expect((await events).status()).toBe(200)
    expect(await opened(page, `${phone.url}/api/v1/training/events`)).toBe('open')
    // of its own server it asks only for its files, such as the generator of digits
    const strays = asked.filter((url) => !url.startsWith(`${phone.url}/`) && !url.startsWith(`${host.url}assets/`))
    expect(strays).toEqual([])
    expect(complaints.filter((text) => !text.startsWith(`request to http://localhost:${phone.port}`))).toEqual([])
    await close()
  })

  test('says which phone it asks, with the way to its own page, where the owner has to go', async () => {
    const { page, close } = await visit(browser(), `${host.url}?api=${phone.url}`, PHONE_SIZE)
    expect(await page.locator('#server').innerText()).toBe(`This page asks ${phone.url}/.`)
    await page.locator('#learning summary').click()
    expect(await page.locator('#owner-form').isVisible()).toBe(false)
    expect(await page.locator('#owner-elsewhere').innerText()).toContain(
      `on the phone’s own page, ${phone.url}/: the token`,
    )
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.locator('#owner-page').click()
    await page.locator('#owner-form').waitFor({ state: 'attached' })
    expect(page.url()).toBe(`${phone.url}/`)
    expect(await page.locator('#server').isVisible()).toBe(false)
    await close()
  })

  test('keeps the phone in its address when another model is chosen, shares it, and blames no setting when that phone goes away', async () => {
    const api = `http://${LAN_NAME}:${phone.port}/`
    const named = await hostPage()
    const own = await startServer({ INKLING_ORIGINS: `http://${LAN_NAME}:${named.port}`, INKLING_HOSTS: LAN_NAME })
    const { page, close } = await visit(
      browser(),
      `http://${LAN_NAME}:${named.port}/pages/inkling/?api=http://${LAN_NAME}:${own.port}`,
    )
    await page.locator('#model').selectOption('softmax')
    expect(page.url()).toMatch(/\?api=http[^#]*#model=softmax$/)
    await page.locator('#share summary').click()
    const code = page.locator('#share-code')
    await code.waitFor()
    const expected = `http://${LAN_NAME}:${named.port}/pages/inkling/?api=${encodeURIComponent(api.replace(String(phone.port), String(own.port)))}`
    expect(await readQrCode(await code.screenshot())).toBe(expected)
    expect(await own.stop()).toBe(0)
    await page.evaluate(() => dispatchEvent(new Event('online'))) // asks the phone again
    await page.getByText('The page keeps trying; there is nothing you need to do.').waitFor()
    await close()
    named.close()
  })

  test('that the phone does not allow says with which setting it would', async () => {
    const other = await hostPage()
    const { page, close } = await visit(browser(), `${other.url}?api=${phone.url}`, { ...PHONE_SIZE, ready: false })
    await page.getByText('The phone is not answering.').waitFor()
    expect(await page.locator('#phone-detail').innerText()).toContain(`inkling serve --origins ${other.origin}.`)
    await close()
    other.close()
  })

  test('that gets a pause from the phone reads for how long', async () => {
    const strict = await startServer({ INKLING_ORIGINS: host.origin, INKLING_RATE_LIMIT: '1' })
    const { page, close } = await visit(browser(), `${host.url}?api=${strict.url}`)
    for (const strokes of [SEVEN, THREE, SEVEN, THREE]) {
      await drawWithMouse(page, strokes)
      await page.locator('#clear').click()
    }
    await drawWithMouse(page, SEVEN)
    await page.getByText(/The phone has had many drawings from here and asks for a pause of \d+ seconds/).waitFor()
    await close()
    expect(await strict.stop()).toBe(0)
  })

  test.each([
    'phone.lan:8000',
    '',
    'ftp://phone.lan/',
  ])('with “%s” in its address asks nobody, and says why', async (api) => {
    const { page, close } = await visit(browser(), 'about:blank', { ...PHONE_SIZE, ready: false })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${host.url}?api=${api}`)
    await page.getByText(`its address has “${api}”, and http://phone.lan:8000/ or the like was expected`).waitFor()
    await drawWithMouse(page, SEVEN)
    await page.locator('#learning summary').click()
    expect(await page.locator('#sure').innerText()).toBe('There is no phone to ask: see below.')
    expect(
      asked.filter((url) => url.startsWith('http') && (url.includes('/api/') || !url.startsWith(host.url))),
    ).toEqual([])
    await close()
  })

  test('a phone’s own page asks no other, whatever its address says: its policy forbids it, and the page says so', async () => {
    const other = await startServer({ INKLING_ORIGINS: phone.url })
    const { page, complaints, close } = await visit(browser(), `${phone.url}/?api=${other.url}`, {
      ...PHONE_SIZE,
      ready: false,
    })
    await page.getByText(`This page came from ${phone.url} and may ask that server alone`).waitFor()
    await drawWithMouse(page, SEVEN)
    expect(await page.locator('#server').isVisible()).toBe(false)
    expect(complaints.filter((text) => !/Content Security Policy|^CSP: connect-src$|^request to/.test(text))).toEqual(
      [],
    )
    expect(other.output()).not.toContain('origin')
    const { predictions } = (await (await fetch(`${other.url}/api/v1/system`)).json()) as { predictions: number }
    expect(predictions).toBe(0)
    await close()
    expect(await other.stop()).toBe(0)
  })

  testUnless(
    noOpenssl,
    'that came over https asks a phone over http where the visitor allows the local network, by a name too',
    async () => {
      const { certificate, key } = await selfSigned('DNS:localhost')
      const secure = { cert: readFileSync(certificate), key: readFileSync(key) }
      const made = await hostPage(undefined, undefined, {}, secure)
      const own = await startServer({ INKLING_ORIGINS: made.origin, INKLING_HOSTS: LAN_NAME })
      // for the browser one of the two is in the internet, the other one in the local network
      const spaces = `--ip-address-space-overrides=127.0.0.1:${made.port}=public,127.0.0.1:${own.port}=local`
      const apart = await launchChromium(await findChromium(), [], [spaces])
      const url = `${made.url}?api=http://${LAN_NAME}:${own.port}`
      const refusing = await visit(apart, url, { ready: false, ignoreHTTPSErrors: true })
      await refusing.page.getByText(/browsers let a page of https ask over http only in a local network/).waitFor()
      await refusing.close()
      const permissions = ['local-network-access']
      const { page, close } = await visit(apart, url, { ignoreHTTPSErrors: true, permissions })
      await drawWithMouse(page, SEVEN)
      expect(await agreedDigit(page)).toBe(7)
      await close()
      await apart.close()
      made.close()
      expect(await own.stop()).toBe(0)
    },
  )

  test('built for a phone asks that one without any address, and another one that its address names', async () => {
    const built = mkdtempSync(join(tmpdir(), 'inkling-page-'))
    const { code, stderr } = await build(built, `${phone.url}/api/v1`)
    expect({ code, stderr: String(stderr) }).toEqual({ code: 0, stderr: '' })
    const made = await hostPage(built)
    const own = await startServer({ INKLING_ORIGINS: made.origin })
    const { page, close } = await visit(browser(), `${made.url}?api=${own.url}`)
    expect(await page.locator('#server-address').innerText()).toBe(`${own.url}/`)
    await page.goto(made.url)
    expect(await page.locator('#server-address').innerText()).toBe(`${phone.url}/`)
    await page.getByText(`inkling serve --origins ${made.origin}.`).waitFor()
    await close()
    made.close()
    expect(await own.stop()).toBe(0)
  })
})

test.each([
  'phone.lan:8000',
  'http://phone.lan/?x',
])('the page cannot be built for %s, and the build says so', async (api) => {
  const { code, stderr } = await build(mkdtempSync(join(tmpdir(), 'inkling-page-')), api)
  expect(code).toBe(1)
  expect(String(stderr)).toContain(`INKLING_API must be an address such as http://phone.lan:8000/; it is ${api}`)
})

/** Builds the page for a server, into a folder. */
function build(folder: string, api: string) {
  const script = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { dirname } from 'node:path'
    import { bundlePage } from './tools/build/page.ts'
    for (const [path, content] of await bundlePage(process.cwd(), ${JSON.stringify(folder)}, 'production')) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }`
  const environment = { ...process.env, NODE_OPTIONS: '', INKLING_API: api }
  return runProcess(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, env: environment })
}

/** Whether a page can open a stream of events, as EventSource says. */
function opened(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const stream = new EventSource(url)
        stream.onopen = () => resolve('open')
        stream.onerror = () => resolve('refused')
      }),
    url,
  )
}
