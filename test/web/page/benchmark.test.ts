import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { testModels } from '../models.ts'
import { describeInBrowser, visit } from '../visit.ts'
import { measure, openSpeed, phoneMeasured, table } from './speed-section.ts'

const NETWORK = /Failed to load resource/ // what the browser itself says of a phone that is away

describeInBrowser('the section on speed', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WEIGHTS: testModels() })
  })
  afterAll(() => server?.stop())

  test('sends no request before it is opened, and shows the phone’s figures without measuring this browser', async () => {
    const { page, close } = await visit(browser(), server.url)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.waitForTimeout(500)
    expect(asked.filter((path) => path.endsWith('/benchmark'))).toEqual([])
    await openSpeed(page)
    await phoneMeasured(page)
    expect(asked.filter((path) => path.endsWith('/weights'))).toEqual([])
    expect(await page.locator('.track.here').count()).toBe(0)
    for (const [work, lanes] of await table(page)) for (const [, here] of lanes) expect(here, work).toBe('–')
    await close()
  })

  test('works by keyboard: Enter starts, Enter stops, and the focus stays where it was', async () => {
    const { page, close } = await visit(browser(), server.url)
    await page.locator('#speed > summary').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('#measure', { hasText: 'Stop' }).waitFor()
    expect(await page.locator('#measure-said').textContent()).toBe('Measuring this browser …')
    await page.keyboard.press('Enter')
    await page.locator('#measure-text', { hasText: 'Stopped.' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('measure')
    expect(await page.locator('#measured').isVisible()).toBe(false)
    await measure(page)
    expect(await page.locator('#measure').textContent()).toBe('Measure again')
    await close()
  })

  test('at 320, 390 and 1280 px nothing of it is wider than the window', async () => {
    const { page, close } = await visit(browser(), server.url, { viewport: { width: 320, height: 800 } })
    await openSpeed(page)
    await measure(page)
    await phoneMeasured(page)
    await page.getByText('These figures as a table').click()
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      expect((await page.locator('#measure').boundingBox())?.height).toBeGreaterThanOrEqual(44)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      for (const value of await page.locator('.track .value').all()) {
        const box = await value.boundingBox()
        expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(width)
      }
    }
    await close()
  })

  test('while the phone is away it says so at once, and it measures when the phone is back', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await page.route('**/api/v1/models', (route) => route.abort())
    await openSpeed(page)
    await page.getByRole('button', { name: 'Measure this browser' }).click()
    await page.getByText('This browser could not be measured: the phone is not answering.').first().waitFor()
    await page.unroute('**/api/v1/models')
    await measure(page)
    await close()
    expect(complaints.filter((text) => !NETWORK.test(text))).toEqual([])
  })
})
