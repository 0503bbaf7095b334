import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SystemResponse } from '../../../core/protocol.ts'
import { readQrCode } from '../../qr-codes.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { LAN_NAME } from '../chromium.ts'
import { describeInBrowser, visit } from '../visit.ts'

const NARROW = { viewport: { width: 320, height: 640 } }
const WIDE = { viewport: { width: 1440, height: 900 } }

describeInBrowser('the address for another device', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_HOSTS: LAN_NAME })
  })
  afterAll(() => server?.stop())

  test.each([
    ['at 320 px', { ...NARROW, deviceScaleFactor: 2 }],
    ['at 320 px in a dark theme', { ...NARROW, colorScheme: 'dark' as const }],
    ['at 1440 px', WIDE],
    ['in forced colours', { ...NARROW, forcedColors: 'active' as const, colorScheme: 'dark' as const }],
  ])('is a QR code that a reader reads, and text, %s', async (_, options) => {
    const url = `http://${LAN_NAME}:${server.port}`
    const { page, complaints, close } = await visit(browser(), url, options)
    await page.locator('#share summary').click()
    expect(await codeOf(page)).toBe(url)
    expect(await page.locator('#share-address').textContent()).toBe(url)
    expect(await page.locator('#share-address').getAttribute('href')).toBe(url)
    expect(await page.getByRole('img', { name: `QR code of ${url}` }).count()).toBe(1)
    const { width } = options.viewport
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await close()
    // without TLS, and not at localhost, Chromium says that it ignores some headers
    expect(complaints.filter((text) => !/header|origin-keyed/.test(text))).toEqual([])
  })

  test('at localhost is the one that the phone names, also when that changes, and without one the page says so', async () => {
    let addresses = ['http://192.168.1.7:8000', 'http://[fd00::7]:8000']
    const { page, close } = await visit(browser(), server.url, NARROW)
    await page.route('**/api/v1/system', async (route) => {
      const system = (await (await route.fetch()).json()) as SystemResponse
      await route.fulfill({ json: { ...system, addresses } })
    })
    const report = () => page.evaluate(() => dispatchEvent(new Event('online'))) // asks the phone again
    await page.locator('#share summary').click()
    for (const url of ['http://192.168.1.7:8000', 'http://10.0.0.3:8000']) {
      addresses = [url]
      await report()
      await expect.poll(() => page.locator('#share-address').textContent()).toBe(url)
      expect(await codeOf(page)).toBe(url)
    }
    addresses = []
    await report()
    await expect.poll(() => page.locator('#share-text').textContent()).toMatch(/does not know another one/)
    expect(await page.locator('#share-code').isVisible()).toBe(false)
    expect(await page.locator('#share-address').isVisible()).toBe(false)
    await close()
  })

  test('is what the phone itself says of its network, and it says so to nobody else', async () => {
    const ask = async (url: string) => (await (await fetch(`${url}/api/v1/system`)).json()) as SystemResponse
    const { addresses } = await ask(server.url)
    for (const address of addresses) {
      expect(address).toMatch(new RegExp(`^http://.+:${server.port}$`))
      expect((await ask(address)).addresses).toEqual([])
    }
  })
})

/** What a reader makes of the code on the screen. */
async function codeOf(page: Page): Promise<string | undefined> {
  const code = page.locator('#share-code')
  await code.waitFor()
  return readQrCode(await code.screenshot())
}
