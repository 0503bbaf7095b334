import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasData } from '../../data.ts'
import { type RunningServer, startServer } from '../../server/running.ts'
import { type DrawnDigit, ownDigits, writtenDigits } from '../digits.ts'
import { drawWithFinger, drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true }

describeInBrowser('digits drawn in the page stroke by stroke', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('ten of our own, with the mouse: all recognised, and the phone gives the very same answers', async () => {
    expect(await rightAnswers(browser(), server.url, ownDigits(), 'mouse')).toBe(10)
  })

  test('ten of our own, with a finger at 3 device pixels per px: all recognised, the same answers', async () => {
    expect(await rightAnswers(browser(), server.url, ownDigits(), 'finger')).toBe(10)
  })

  for (const [hand, seed] of [
    ['mouse', 1],
    ['finger', 2],
  ] as const) {
    const title = `60 people wrote, with the ${hand}: at least 38 recognised, and the phone gives the same 60 answers`
    test.skipIf(!hasData)(
      hasData ? title : `${title} (needs INKLING_DATA)`,
      async () => {
        const right = await rightAnswers(browser(), server.url, writtenDigits(6, seed), hand)
        console.log(`${right} of 60 pendigits recognised, drawn with the ${hand}`)
        expect(right).toBeGreaterThanOrEqual(38)
      },
      120_000,
    )
  }
})

/** Draws each digit on a cleared pad. Page and phone must agree on each, in every bit; counts the right answers. */
async function rightAnswers(
  browser: Browser,
  url: string,
  digits: readonly DrawnDigit[],
  hand: 'mouse' | 'finger',
): Promise<number> {
  const { page, complaints, predictions, close } = await visit(browser, url, hand === 'finger' ? PHONE : {})
  const finger = await page.context().newCDPSession(page)
  let right = 0
  for (const { label, strokes } of digits) {
    if (hand === 'finger') await drawWithFinger(page, finger, strokes)
    else await drawWithMouse(page, strokes)
    const shown = await agreedDigit(page)
    await expect.poll(() => predictions.at(-1)?.digit).toBe(shown) // what the phone sent, not what the page says it sent
    if (shown === label) right += 1
    expect(await page.evaluate(() => scrollY), 'the page scrolled under the pen').toBe(0)
    await page.locator('#clear').click()
    predictions.length = 0
  }
  await close()
  expect(complaints).toEqual([])
  return right
}
