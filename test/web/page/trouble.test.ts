import type { Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PredictResponse } from '../../../core/protocol.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const THREE = ownDigits()[3]?.strokes ?? []
const SEVEN = ownDigits()[7]?.strokes ?? []
const PREDICT = '**/api/v1/predict?*'

describeInBrowser('the page in trouble', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('while the server is away the browser goes on answering; when it is back it gets the newest drawing, without a reload', async () => {
    const { page, predictions, close } = await visit(browser(), server.url)
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await drawWithMouse(page, THREE)
    expect(await agreedDigit(page)).toBe(3)

    await server.stop()
    await page.locator('#clear').click()
    await drawWithMouse(page, SEVEN)
    await page.getByText('The phone is not answering. Your browser answers meanwhile.').waitFor()
    expect(await page.locator('#digit').textContent()).toBe('7')

    predictions.length = 0
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_PORT: String(server.port) })
    expect(await agreedDigit(page)).toBe(7)
    await expect.poll(() => predictions.map(({ digit }) => digit)).toEqual([7])
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
    await close()
  })

  test('a page without its model says so, fetches it as soon as it can, and answers the drawing made meanwhile', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.route('**/weights?*', (route) => route.abort())
    await page.route(PREDICT, (route) => route.abort())
    await page.goto(server.url)
    await page.getByText('Waiting for the phone, which is not answering, to send its model').waitFor()
    await drawWithMouse(page, SEVEN)
    await page.getByText('The phone is not answering.', { exact: true }).waitFor()
    await page.unrouteAll()
    expect(await agreedDigit(page)).toBe(7)
    await close()
  })

  test('a browser that got no model shows the phone’s answers', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.route('**/weights?*', (route) => route.fulfill({ status: 404, body: '{}' }))
    await page.goto(server.url)
    await page.getByText('This browser can’t answer with this model').waitFor()
    await drawWithMouse(page, SEVEN)
    await page.getByText('The phone says 7.', { exact: true }).waitFor()
    expect(await page.locator('#digit').textContent()).toBe('7')
    await close()
  })

  test.each([
    [429, 'The phone has had many drawings from here and asks for a pause of 2 seconds.'],
    [503, 'The phone is busy and asks for a pause of 2 seconds.'],
  ])('%i with Retry-After: 2 is told in plain words; nothing is sent for 2 s, then the newest drawing is', async (status, words) => {
    const { page, predictions, close } = await visit(browser(), server.url)
    const sent: number[] = []
    await page.route(PREDICT, async (route) => {
      sent.push(performance.now())
      const body = JSON.stringify({ type: 'about:blank', title: '', status, code: 'wait', detail: 'wait' })
      if (sent.length > 1) await route.continue()
      else
        await route.fulfill({ status, headers: { 'Retry-After': '2' }, contentType: 'application/problem+json', body })
    })
    await drawWithMouse(page, THREE)
    await page.getByText(words).waitFor()
    await page.locator('#clear').click()
    await drawWithMouse(page, SEVEN)
    expect(await page.locator('#digit').textContent()).toBe('7')
    expect(await agreedDigit(page)).toBe(7)
    expect(sent).toHaveLength(2)
    expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThan(1950)
    await expect.poll(() => predictions.map(({ digit }) => digit)).toEqual([7])
    await close()
  })

  test('a phone with newer weights than the page makes the page fetch them, after which both agree', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.route('**/api/v1/models/*', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...((await response.json()) as object), version: 7 } })
    })
    const fetched: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/weights')) fetched.push(request.url())
    })
    await page.goto(server.url)
    await page.locator('#browser-facts dd').first().waitFor()
    await page.unrouteAll()
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    expect(fetched).toHaveLength(2)
    await close()
  })

  test('requests do not pile up while drawing: however slow the answers, at most one is under way', async () => {
    const { page, close } = await visit(browser(), server.url)
    const waiting: Route[] = []
    let withdrawn = 0
    page.on('requestfailed', (request) => {
      if (request.url().includes('/api/v1/predict')) withdrawn += 1
    })
    await page.route(PREDICT, (route) => void waiting.push(route))
    for (const x of [60, 90, 120, 150, 180]) {
      const before = waiting.length
      await drawWithMouse(page, [
        [
          [x, 60],
          [x, 200],
        ],
      ])
      await expect.poll(() => waiting.length).toBe(before + 1)
    }
    await expect.poll(() => withdrawn).toBe(4)
    await waiting.at(-1)?.continue()
    await agreedDigit(page)
    await close()
  })

  test('a phone that gives another answer is reported as an alarm, also to a screen reader', async () => {
    const { page, close } = await visit(browser(), server.url)
    await page.route(PREDICT, async (route) => {
      const response = await route.fetch()
      const answer = (await response.json()) as PredictResponse
      await route.fulfill({ response, json: { ...answer, digit: 1 } })
    })
    await drawWithMouse(page, SEVEN)
    await page.locator('#phone[data-tone="bad"]').waitFor()
    expect(await page.locator('#phone-text').textContent()).toContain('The phone says 1. That should not happen')
    await expect.poll(() => page.locator('#announcement').textContent()).toContain('The phone says 1.')
    await close()
  })

  test('numbers that differ in one bit are not called the same', async () => {
    const { page, close } = await visit(browser(), server.url)
    await page.route(PREDICT, async (route) => {
      const response = await route.fetch()
      const answer = (await response.json()) as PredictResponse
      const probabilities = answer.probabilities.map((value, i) => (i === 2 ? value * (1 + 2 ** -23) : value))
      await route.fulfill({ response, json: { ...answer, probabilities } })
    })
    await drawWithMouse(page, SEVEN)
    await page.locator('#phone[data-tone="bad"]').waitFor()
    expect(await page.locator('#phone-text').textContent()).toContain('with other numbers')
    await close()
  })
})
