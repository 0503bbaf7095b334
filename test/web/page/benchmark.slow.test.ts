import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseReport } from '../../../core/benchmark/parse-report.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadModels } from '../../../server/models/load.ts'
import { deviceReport } from '../../core/benchmark/reports.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { testModels } from '../models.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'
import { measure, openSpeed, phoneMeasured, table } from './speed-section.ts'

const NETWORK = /Failed to load resource/ // what the browser itself says of a phone that is away

describeInBrowser('measuring this browser beside the phone', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('a press on the button measures every shipped model on all three backends and in plain JavaScript, here and there, above 0', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await openSpeed(page)
    await measure(page)
    await phoneMeasured(page)
    const rows = await table(page)
    const models = loadModels(SHIPPED_MODELS, (problem) => expect.fail(problem))
    expect(rows.length).toBeGreaterThan(models.length)
    for (const [work, lanes] of rows.slice(0, models.length)) {
      expect(
        lanes.map(([column]) => column),
        work,
      ).toEqual(['plain JavaScript', 'bit-exact TypeScript twin', 'WebAssembly', 'WebAssembly with SIMD'])
      for (const cell of lanes.flatMap(([, ...cells]) => cells)) {
        expect(cell, work).toMatch(/^\d+(\.\d+)? (ns|µs|ms|s)$/)
        expect(Number.parseFloat(cell), work).toBeGreaterThan(0)
      }
    }
    // The chart shows them all: a bar each, within its lane, no two works alike.
    const bars = await page.locator('.track').evaluateAll((tracks) =>
      tracks.map((track) => ({
        length: track.querySelector('i')?.getBoundingClientRect().width ?? 0,
        room: track.getBoundingClientRect().width,
        value: track.textContent,
      })),
    )
    expect(bars).toHaveLength(models.length * 4 * 2)
    for (const { length, room, value } of bars) {
      expect(length, value ?? '').toBeGreaterThan(0)
      expect(length, value ?? '').toBeLessThan(room)
    }
    expect(await page.locator('#speed-verdict').textContent()).toMatch(
      /^In the median of the models SIMD is [\d.,]+ times as fast as plain JavaScript in this browser, and [\d.,]+ times on the phone\./,
    )
    const facts = await page.locator('#speed-facts div').allTextContents()
    expect(facts).toHaveLength(2)
    expect(facts[0]).toMatch(/^This browserChrome \d+, .*GFLOP\/s/)
    expect(facts[1]).toMatch(/^The phoneNode \d+\.\d+\.\d+, .*GFLOP\/s/)
    await close()
    expect(complaints).toEqual([])
  })

  test('meanwhile the page goes on: half of its turns come within 50 ms, and a drawing is answered', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await openSpeed(page)
    await phoneMeasured(page)
    await page.getByRole('button', { name: 'Measure this browser' }).click()
    await page.locator('#measure-text', { hasText: /^\d+ of \d+/ }).waitFor()
    const late = await page.evaluate(async () => {
      const lags: number[] = []
      for (let i = 0; i < 60; i++) {
        const due = performance.now() + 10
        await new Promise((resolve) => setTimeout(resolve, 10))
        lags.push(performance.now() - due)
      }
      return lags.sort((a, b) => a - b)
    })
    expect(late[30]).toBeLessThan(50)
    await page.evaluate(() => scrollTo(0, 0))
    await drawWithMouse(page, ownDigits()[3]?.strokes ?? [])
    expect(await agreedDigit(page)).toBe(3)
    await close()
    expect(complaints).toEqual([])
  })
})

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

  test('saves its figures, and takes files of other machines’, also by keyboard; what is no report is said in words', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await openSpeed(page)
    await measure(page)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save these figures' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^inkling-speed-\d{4}-\d\d-\d\d\.json$/)
    const saved = parseReport(readFileSync(await download.path(), 'utf8'), 'saved')
    expect(saved.backends).toEqual(['simd', 'scalar', 'ts', 'plain'])

    const json = (name: string, content: object) => {
      return { name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) }
    }
    const kitchen = deviceReport('Kitchen', { softmax: { plain: 50, ts: 90, simd: 5 } })
    await page.locator('#speed-files').setInputFiles([json('kitchen.json', kitchen), json('x.json', { format: 2 })])
    await page.getByText('Added 1 machine. "x.json" is no report of a benchmark: format is "2", expected 1').waitFor()
    expect(await page.locator('.track.third').count()).toBe(3)
    expect(await page.locator('#benchmark-chart-table thead th').allTextContents()).toEqual([
      'Computed by',
      'This browser',
      'The phone',
      'Kitchen',
    ])
    expect(await page.locator('#speed-verdict').textContent()).toMatch(/, and 10 times on Kitchen\./)
    await page.locator('#clear-files').focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.track.third').count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('speed-files')
    await close()
    expect(complaints).toEqual([])
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
