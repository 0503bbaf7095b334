/** The owner's wall: what is held back, with pictures, and what the owner decides about it. */

import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SendersResponse } from '../../../core/learning/decisions.ts'
import type { CorrectionsResponse } from '../../../core/protocol.ts'
import { givenCorrection, newFolder, OWNER, TOKEN, testStore } from '../../server/corrections/corrections.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { markHeld } from '../../server/store/held.ts'
import { describeInBrowser, visit } from '../visit.ts'

/** A drawing of a bar, as it is stored. */
function bar(at: number): Uint8Array {
  const png = new PNG({ width: 40, height: 40 })
  for (let k = 0; k < 1600; k++) {
    const ink = k % 40 >= at && k % 40 < at + 5 && k > 200 && k < 1400
    png.data.fill(ink ? 0 : 255, 4 * k, 4 * k + 3)
    png.data[4 * k + 3] = 255
  }
  return new Uint8Array(PNG.sync.write(png))
}

/** A state directory with five corrections that are held back: three of one sender, two of another. */
function heldState(): string {
  const folder = newFolder()
  const store = testStore({ quotas: false }, folder)
  for (let seed = 1; seed <= 5; seed++) {
    const address = seed <= 3 ? '10.0.0.1' : '10.0.1.1'
    store.corrections.keep(givenCorrection(seed, { address, png: bar(3 * seed), label: seed, model: 'cnn', answer: 7 }))
  }
  markHeld(store.database, [1, 2, 3, 4, 5])
  store.close()
  return folder
}

describeInBrowser('what is held back', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_STATE: heldState(), INKLING_TOKEN: TOKEN, INKLING_LEARNING: 'off' })
  })
  afterAll(() => server?.stop())

  const get = async <Body>(path: string) =>
    (await (await fetch(`${server.url}${path}`, { headers: OWNER })).json()) as Body
  const held = async () =>
    (await get<CorrectionsResponse>('/api/v1/corrections?use=held')).corrections.map(({ label }) => label)

  test.each([
    [360, 640],
    [1280, 800],
  ])('at %i x %i px is shown to the owner alone, each with its picture, nothing wider than the window', async (width, height) => {
    const { page, complaints, close } = await visit(browser(), server.url, { viewport: { width, height } })
    await page.locator('#learning summary').click()
    expect(await page.locator('#held').isVisible()).toBe(false)
    await page.locator('#token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByText('5 drawings held back. What you approve counts at once.').waitFor()
    await expect.poll(() => page.locator('.held-lessons img').count()).toBe(5)
    for (const image of await page.locator('.held-lessons img').all()) {
      await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(40)
    }
    expect(await page.locator('#held h4').allTextContents()).toEqual(['Sender 1', 'Sender 2'])
    expect(await page.locator('.held-lessons').last().locator('b').allTextContents()).toEqual(['5', '4'])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    for (const button of await page.locator('#held button:visible').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    }
    await page.getByRole('button', { name: 'Forget the token' }).click()
    await expect.poll(() => page.locator('#held').isVisible()).toBe(false)
    expect(await page.locator('#held img').count()).toBe(0)
    await close()
    expect(complaints).toEqual([])
  })

  test('is approved, deleted, trusted and blocked with one press each, also by the keyboard', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    await page.locator('#learning summary').click()
    await page.locator('#token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Approve (a 5, was read as 7)' }).click()
    await page.getByText('Approved: the phone learns from it.').waitFor()
    await page.getByText('4 drawings held back').waitFor()
    await page.getByRole('button', { name: 'Delete (a 4, was read as 7)' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Deleted: it is forgotten.').waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('held-senders')
    expect(await held()).toEqual([3, 2, 1])
    await page.getByRole('button', { name: 'Trust this sender (sender 2)' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Approve all 3 (of sender 1)' }).click()
    await page.getByText('Approved: the phone learns from all 3.').waitFor()
    await page.getByText('Nothing is held back.').waitFor()
    expect(await held()).toEqual([])
    await close()
    expect(complaints).toEqual([])
  })

  test('of a sender that is blocked is gone from it, until the sender is unblocked', async () => {
    const state = heldState()
    const other = await startServer({ INKLING_STATE: state, INKLING_TOKEN: TOKEN, INKLING_LEARNING: 'off' })
    const { page, close } = await visit(browser(), other.url)
    await page.locator('#learning summary').click()
    await page.locator('#token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Block this sender (sender 1)' }).click()
    await page.getByText('Nothing of sender 1 is used, and nothing is taken from it any more.').waitFor()
    await page.getByText('2 drawings held back').waitFor()
    await page.getByRole('button', { name: 'Trust this sender (sender 2)' }).click()
    await page.getByText('What sender 2 teaches counts at once.').waitFor()
    const senders = async () => {
      const response = await fetch(`${other.url}/api/v1/senders`, { headers: OWNER })
      return ((await response.json()) as SendersResponse).senders.map(({ standing }) => standing)
    }
    await expect.poll(senders).toEqual(['trusted', 'blocked'])
    await page.getByRole('button', { name: 'Unblock (sender 1)' }).click()
    await expect.poll(senders).toEqual(['trusted', 'none'])
    await close()
    await other.stop()
  })
})
