import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelsResponse } from '../../../core/protocol.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const DIGITS = ownDigits().filter(({ label }) => [3, 5, 8].includes(label))

describeInBrowser('the shipped models in a browser', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('each gives a 3, a 5 and an 8 the phone’s probabilities, in every bit, and the last choice is as good as the first', async () => {
    const { models, broken } = (await (await fetch(`${server.url}/api/v1/models`)).json()) as ModelsResponse
    expect(broken).toEqual([])
    const { page, complaints, predictions, close } = await visit(browser(), server.url)
    for (const { id } of models) {
      await page.locator('#model').selectOption(id)
      const fetch = page.locator('#fetch')
      if (await fetch.isVisible()) await fetch.click()
      for (const { strokes } of DIGITS) {
        await page.keyboard.press('Delete')
        predictions.length = 0
        await drawWithMouse(page, strokes)
        const shown = await agreedDigit(page)
        await expect.poll(() => predictions.at(-1)).toMatchObject({ model: id, digit: shown })
      }
    }
    await close()
    expect(complaints).toEqual([])
  })
})
