/** Draws digits in the page and counts those it recognises. */

import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import type { DrawnDigit } from '../digits.ts'
import { drawWithFinger, drawWithMouse } from '../pointer.ts'
import { agreedDigit, visit } from '../visit.ts'

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true }

/** Draws each digit on a cleared pad. Page and phone must agree on each, in every bit; counts the right answers. */
export async function rightAnswers(
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
    const sent = () => {
      const { verdict, digit } = predictions.at(-1) ?? {}
      return verdict === 'not-a-digit' ? Number.NaN : digit
    }
    await expect.poll(sent).toBe(shown) // what the phone sent, not what the page says it sent
    if (shown === label) right += 1
    expect(await page.evaluate(() => scrollY), 'the page scrolled under the pen').toBe(0)
    await page.locator('#clear').click()
    predictions.length = 0
  }
  await close()
  expect(complaints).toEqual([])
  return right
}
