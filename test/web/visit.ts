/** Opens the page in a real browser, and records everything the page must not do. */

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import type { PredictResponse } from '../../core/protocol.ts'
import { describeUnless } from '../skip.ts'
import { type FoundBrowser, findChromium, launchChromium } from './chromium.ts'

const found: FoundBrowser | Error = await findChromium().catch((error: Error) => error)

/** Tests that need a browser; `names` as `launchChromium` takes them. Where none can be had they are skipped with the reason; under CI they fail. */
export function describeInBrowser(
  title: string,
  tests: (browser: () => Browser) => void,
  names: readonly string[] = [],
): void {
  describeUnless(!process.env.CI && found instanceof Error && found.message, title, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      browser = await launchChromium(found instanceof Error ? unavailable(found) : found, names)
    })
    afterAll(() => browser?.close())
    tests(() => browser ?? unavailable(new Error('the browser did not start')))
  })
}

function unavailable(reason: Error): never {
  throw reason
}

export interface Visit {
  readonly page: Page
  /** Errors in the console, violations of the CSP and requests to other hosts. A correct page has none. */
  readonly complaints: string[]
  /** The phone's answers, in order. */
  readonly predictions: PredictResponse[]
  close(): Promise<void>
}

/** For whatever a test waits for in the page, on a busy machine too, ms. */
const PATIENCE = 120_000

/** Opens the page and waits until the browser can predict, unless `ready` is false. */
export async function visit(
  browser: Browser,
  url: string,
  { ready = true, ...options }: BrowserContextOptions & { ready?: boolean } = {},
): Promise<Visit> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  const complaints: string[] = []
  const predictions: PredictResponse[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // Browsers differ in the features they know of a Permissions-Policy. An unknown one does no harm.
    if (!message.text().startsWith('Error with Permissions-Policy header')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'blob:' && host !== new URL(url).host) complaints.push(`request to ${protocol}//${host}`)
  })
  page.on('response', (response) => {
    if (!response.url().includes('/api/v1/predict') || !response.ok()) return
    response.json().then(
      (answer: PredictResponse) => predictions.push(answer),
      () => {}, // withdrawn by the page for a newer drawing
    )
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective}`))
  })
  await page.goto(url)
  if (ready) await page.locator('#browser-facts dd').first().waitFor()
  return { page, complaints, predictions, close: () => context.close() }
}

/** Waits until the phone has answered about what is on the pad and agrees with the browser; returns the digit shown, NaN where none is. */
export async function agreedDigit(page: Page): Promise<number> {
  await page.locator('#phone[data-tone="good"]', { hasText: 'agrees, to the last bit' }).waitFor()
  return Number(await page.locator('#digit').textContent())
}
