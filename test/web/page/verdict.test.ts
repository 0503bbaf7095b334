/** What the page shows of a drawing that the model takes for none, and that its correction confirms or contradicts the verdict. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { knowingModel, testWeights } from '../../server/models/test-model.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { describeInBrowser, visit } from '../visit.ts'

describeInBrowser('a drawing that is no digit', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    const folder = testWeights(knowingModel('doubter', 0.5, 20))
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WEIGHTS: folder })
  })
  afterAll(() => server?.stop())

  test('gets no digit where the answer stands, and can be corrected', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await drawWithMouse(page, ownDigits()[4]?.strokes ?? [])
    await expect.poll(() => page.locator('#sure').textContent()).toBe('This doesn’t look like a digit.')
    expect(await page.locator('#digit').textContent()).toBe('?')
    expect(await page.locator('#runner-up').textContent()).toBe('')
    await expect.poll(() => page.locator('#right').getAttribute('aria-disabled')).toBe('false')
    await page.locator('#right').click()
    await expect.poll(() => page.locator('#teach-text').textContent()).toBe('Kept: no digit, so the answer was right.')
    await page.getByRole('button', { name: 'It was a 4' }).click()
    await expect.poll(() => page.locator('#teach-text').textContent()).toBe('Kept: it was a 4.')
    await close()
    expect(complaints).toEqual([])
  })
})
