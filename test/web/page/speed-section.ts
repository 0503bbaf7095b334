/** Steps of tests in the page's section on speed. */

import type { Page } from 'playwright-core'

const LONG = 150_000 // ms; other programs may have the processor too

/** Opens the section. */
export async function openSpeed(page: Page): Promise<void> {
  await page.locator('#speed > summary').click()
}

/** Measures this browser, to the end. */
export async function measure(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Measure this browser' }).click()
  await page.locator('#measure-text', { hasText: /^Measured in/ }).waitFor({ timeout: LONG })
}

/** Waits until the chart has bars of the phone. */
export async function phoneMeasured(page: Page): Promise<void> {
  await page.locator('.track.there').first().waitFor({ timeout: LONG })
}

/** The table: rows of [backend, here, phone] by work. */
export function table(page: Page): Promise<[string, string[][]][]> {
  return page
    .locator('#benchmark-chart-table tbody')
    .evaluateAll((bodies) =>
      bodies.map((body) => [
        body.querySelector('.work')?.textContent ?? '',
        [...body.querySelectorAll('tr')].slice(1).map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
      ]),
    )
}
