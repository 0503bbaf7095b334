import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { testModels } from '../models.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const SEVEN = ownDigits()[7]?.strokes ?? []
const ONE = ownDigits()[1]?.strokes ?? []
const ALL = '**/api/v1/predict?model=all'

describeInBrowser('comparing all models on one drawing', (browser) => {
  const models = testModels()
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WEIGHTS: models, INKLING_MODEL: 'softmax' })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(models, { recursive: true })
  })

  test('no model is asked while the section is closed; while it is open every model answers every stroke, and a word marks those that differ', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    const asked = surveys(page)
    await drawWithMouse(page, SEVEN)
    await agreedDigit(page)
    expect(asked()).toBe(0)

    await openComparison(page)
    await page.getByText('3 say 7, 1 says 8.', { exact: true }).waitFor()
    expect(asked()).toBe(1)
    const rows = await table(page)
    expect(rows.map(([digit, name]) => [digit, name])).toEqual([
      ['8', 'Contrary model differs'],
      ['7', 'Model with dropout'],
      ['7', 'Large model'],
      ['7', 'Softmax regression chosen'],
      ['–', 'broken'],
    ])
    for (const [, , share, , time] of rows.slice(0, 4)) {
      expect(share).toMatch(/^\d+\.\d%$/)
      expect(time).toMatch(/^[\d.]+ ms$/)
    }
    expect(rows[4]?.[2]?.length).toBeGreaterThan(10) // the reason

    await page.locator('#clear').click()
    await page.getByText('Draw a digit, and the phone asks all its models.').waitFor()
    await drawWithMouse(page, ONE)
    await page.getByText('3 say 1, 1 says 2.', { exact: true }).waitFor()
    expect(asked()).toBe(2)

    await page.locator('#survey summary').click()
    await page.locator('#clear').click()
    await drawWithMouse(page, SEVEN)
    await agreedDigit(page)
    await page.waitForTimeout(300)
    expect(asked()).toBe(2)
    await close()
    expect(complaints).toEqual([])
  })

  test('strips and shares are those of the model of their row', async () => {
    const { page, close } = await visit(browser(), server.url)
    await openComparison(page)
    await drawWithMouse(page, SEVEN)
    await page.getByText('3 say 7, 1 says 8.', { exact: true }).waitFor()
    const highest = await page.locator('#survey-rows .strip').evaluateAll((strips) =>
      strips.map((strip) => {
        const heights = [...strip.querySelectorAll('i')].map((bar) => bar.getBoundingClientRect().height)
        return heights.indexOf(Math.max(...heights))
      }),
    )
    expect(highest).toEqual([8, 7, 7, 7])
    await close()
  })

  test.each([
    429, 503,
  ])('%i with Retry-After is told and respected, while the answer of the chosen model stays', async (status) => {
    const { page, close } = await visit(browser(), server.url)
    const sent: number[] = []
    await page.route(ALL, async (route) => {
      sent.push(performance.now())
      const json = { type: 'about:blank', title: '', status, code: 'wait', detail: 'wait' }
      if (sent.length > 1) await route.continue()
      else await route.fulfill({ status, headers: { 'Retry-After': '2' }, json })
    })
    await openComparison(page)
    await drawWithMouse(page, SEVEN)
    await page.getByText('The phone asks for a pause of 2 seconds; the answers follow automatically.').waitFor()
    expect(await agreedDigit(page)).toBe(7)
    await page.getByText('3 say 7, 1 says 8.', { exact: true }).waitFor()
    expect(sent).toHaveLength(2)
    expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThan(1950)
    await close()
  })

  test('it opens with the keyboard, and at 360 px as at 1440 a screen reader finds a table with a named row per model', async () => {
    for (const width of [360, 1440]) {
      const { page, close } = await visit(browser(), server.url, { viewport: { width, height: 800 } })
      await page.locator('#survey summary').focus()
      await page.keyboard.press('Enter')
      await page.evaluate(() => scrollTo(0, 0))
      await drawWithMouse(page, SEVEN)
      await page.getByText('3 say 7, 1 says 8.', { exact: true }).waitFor()
      const screen = await page.context().newCDPSession(page)
      const { nodes } = await screen.send('Accessibility.getFullAXTree')
      const names = (role: string) => nodes.filter((node) => node.role?.value === role).map((node) => node.name?.value)
      expect(names('table')).toEqual(['All models on this drawing'])
      expect(names('rowheader')).toEqual([
        'Contrary model differs',
        'Model with dropout',
        'Large model',
        'Softmax regression chosen',
        'broken',
      ])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await close()
    }
  })
})

describeInBrowser('asking a model with dropout 100 times', (browser) => {
  const models = testModels()
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WEIGHTS: models, INKLING_MODEL: 'softmax' })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(models, { recursive: true })
  })

  test('is offered only with such a model; then the bars show mean and spread as the phone gives them', async () => {
    const { page, complaints, predictions, close } = await visit(browser(), server.url)
    const box = page.getByRole('checkbox', { name: 'Ask 100 times', exact: true })
    expect(await box.count()).toBe(0)
    await drawWithMouse(page, SEVEN)
    await agreedDigit(page)
    await page.locator('#model').selectOption('dropout')
    expect(await agreedDigit(page)).toBe(7)

    await box.check()
    await page.getByText('Asked 100 times with dropout, the phone says 7 on average.').waitFor()
    await expect.poll(() => predictions.at(-1)?.samples).toBe(100)
    const { probabilities = [], spread = [] } = predictions.at(-1) ?? {}
    const words = (i: number) =>
      `${(100 * (probabilities[i] ?? 0)).toFixed(1)} ± ${(100 * (spread[i] ?? 0)).toFixed(1)}%`
    const shown = await page.locator('#bars .bar-share').allTextContents()
    expect(shown).toEqual(Array.from({ length: 10 }, (_, i) => words(i)))
    expect(await whisker(page, 7)).toEqual(expected(probabilities[7] ?? 0, spread[7] ?? 0))

    await box.uncheck()
    expect(await agreedDigit(page)).toBe(7)
    expect(predictions.at(-1)?.samples).toBeUndefined()
    expect(await page.locator('#bars b:visible').count()).toBe(0)
    await close()
    expect(complaints).toEqual([])
  })
})

/** Opens the section, and scrolls the pad into view again. */
async function openComparison(page: Page): Promise<void> {
  await page.locator('#survey summary').click()
  await page.evaluate(() => scrollTo(0, 0))
}

/** Counts the requests to all models. */
function surveys(page: Page): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.url().includes('model=all')) count += 1
  })
  return () => count
}

/** The text of each cell of each row. */
function table(page: Page): Promise<string[][]> {
  return page
    .locator('#survey-rows tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
}

/** Where the spread of a digit's bar begins and ends, in percent of the bar's length. */
function whisker(page: Page, digit: number): Promise<number[]> {
  return page
    .locator('#bars .bar')
    .nth(digit)
    .evaluate((bar) => {
      const track = bar.getBoundingClientRect()
      const line = bar.querySelector('b')?.getBoundingClientRect() ?? new DOMRect()
      return [line.left, line.right].map((x) => Math.round((100 * (x - track.left)) / track.width))
    })
}

function expected(mean: number, deviation: number): number[] {
  return [Math.max(0, mean - deviation), Math.min(1, mean + deviation)].map((share) => Math.round(100 * share))
}
