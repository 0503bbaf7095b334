import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrainingResponse } from '../../../core/protocol.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { testModels } from '../models.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const SEVEN = ownDigits()[7]?.strokes ?? []
const TOKEN = 'x'.repeat(43)

describeInBrowser('teaching a real phone', (browser) => {
  const models = testModels()
  const state = mkdtempSync(join(tmpdir(), 'inkling-loop-'))
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({
      INKLING_RATE_LIMIT: 'off',
      INKLING_WEIGHTS: models,
      INKLING_MODEL: 'softmax',
      INKLING_STATE: join(state, 'state'),
      INKLING_TOKEN: TOKEN,
      INKLING_TEACHERS: 'anyone',
    })
  })
  afterAll(async () => {
    await server?.stop()
    for (const folder of [models, state]) rmSync(folder, { recursive: true })
  })

  test('a corrected drawing goes into a round whose verdict the page shows, and withdrawing the correction deletes it', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await page.locator('#learning summary').click()
    await page.evaluate(() => scrollTo(0, 0))
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    await page.keyboard.press('7')
    await page.getByText('Kept: a 7, so the answer was right.').waitFor()
    await page.locator('#outcome-verdict:not(:empty)').waitFor()
    const training = async () => (await (await fetch(`${server.url}/api/v1/training`)).json()) as TrainingResponse
    const { rounds, corrections } = await training()
    expect([rounds[0]?.model, corrections]).toEqual(['softmax', 1])
    const words = { promoted: 'The phone has learned', refused: 'was not adopted', unchanged: 'nothing to learn' }
    const verdict = rounds[0]?.verdict as keyof typeof words
    expect(await page.locator('#outcome-verdict').textContent()).toContain(words[verdict])
    await page.locator('#versions li').first().waitFor()

    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByText('Taken back: the phone has forgotten it.').waitFor()
    expect((await training()).corrections).toBe(0)

    await page.locator('#token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page
      .getByText('The phone learns from your corrections without checking whether they are plausible.')
      .waitFor()
    await close()
    expect(complaints).toEqual([])
  })
})
