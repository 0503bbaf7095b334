/**
 * Makes web/screenshot.png, the picture in the README: the page on a wide screen with a digit drawn on it. Run it after
 * `npm run build`: node test/web/screenshot.ts. With a folder as argument it puts pictures of all SHOTS there instead.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { startServer } from '../server/running-server.ts'
import { findChromium, launchChromium } from './chromium.ts'
import { ownDigits } from './digits.ts'
import { drawWithMouse } from './pointer.ts'

const SHOTS: Readonly<Record<string, BrowserContextOptions & { digit: number }>> = {
  'wide-light': { viewport: { width: 1440, height: 900 }, colorScheme: 'light', digit: 3 },
  'wide-dark': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark', digit: 8 },
  'phone-light': { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, colorScheme: 'light', digit: 2 },
  'phone-dark': { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, colorScheme: 'dark', digit: 5 },
}

async function shoot(browser: Browser, url: string, name: keyof typeof SHOTS, fullPage: boolean): Promise<Buffer> {
  const { digit = 0, ...options } = SHOTS[name] ?? {}
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('#browser-facts dd').first().waitFor()
  const digits = ownDigits()
  // All ten first, for times that are those of a running server, not of its first answer.
  for (const { strokes } of [...digits, ...digits.filter(({ label }) => label === digit)]) {
    await page.keyboard.press('Delete')
    await drawWithMouse(page, strokes)
    await page.locator('#phone[data-tone="good"]').waitFor()
  }
  await page.mouse.move(0, 0)
  await page.waitForTimeout(3500) // the bars come to rest, and the phone is asked how it is
  const shot = await page.screenshot({ fullPage })
  await context.close()
  return shot
}

const server = await startServer()
const browser = await launchChromium(await findChromium())
const folder = process.argv[2]
if (folder) {
  for (const name of Object.keys(SHOTS)) {
    writeFileSync(join(folder, `${name}.png`), await shoot(browser, server.url, name, true))
  }
} else {
  writeFileSync(
    new URL('../../web/screenshot.png', import.meta.url),
    await shoot(browser, server.url, 'wide-light', false),
  )
}
await browser.close()
await server.stop()
