import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { type ScriptedPhone, startScriptedPhone, TOKEN } from '../scripted-phone.ts'
import { agreedDigit, describeInBrowser, type Visit, visit } from '../visit.ts'

const SEVEN = ownDigits()[7]?.strokes ?? []
const NETWORK = /Failed to load resource/ // what the browser itself says of a refusal

describeInBrowser('seeing the phone learn', (browser) => {
  let phone: ScriptedPhone
  beforeEach(async () => {
    phone = await startScriptedPhone()
    return () => phone.close()
  })

  /** A page on which a 7 was read as an 8 and corrected. */
  async function taught(options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visited = await visit(browser(), phone.url, options)
    await drawWithMouse(visited.page, SEVEN)
    expect(await agreedDigit(visited.page)).toBe(8)
    await visited.page.keyboard.press('7')
    await visited.page.getByText('Kept: it was a 7, not an 8.').waitFor()
    return visited
  }

  test('progress, then the old and the new answer side by side; the browser’s own copy follows without a reload', async () => {
    const { page, complaints, predictions, close } = await taught()
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await page.getByText('The phone starts to learn in a moment …').waitFor()
    await expect.poll(() => phone.listening()).toBe(1)
    const done = phone.round('promoted')
    await page.getByText(/^The pupil\. Learning from 1 drawing: step \d+ of 20 …$/).waitFor()
    expect(await page.locator('#outcome-bar').getAttribute('value')).toMatch(/^0?\.?\d+/)
    await done
    await page.getByText('The phone has learned: version 2 of The pupil answers from now on.').waitFor()
    await expect.poll(() => answer(page, 'was')).toMatch(/^Was 8 \d+\.\d% sure version 1$/)
    await expect.poll(() => answer(page, 'now')).toMatch(/^Now 7 \d+\.\d% sure version 2$/)
    expect(await facts(page)).toEqual([
      'Learned: 1 drawing, 1 held back',
      'Right of these: 0 before, 1 after',
      'Right at the gate: 98.10% shipped, 98.15% learned',
      'Adopted: 75% of what was learned',
      'Took: 1.3 s',
    ])
    // Phone and browser both answer with the new version, to the last bit.
    await expect.poll(() => agreedDigit(page)).toBe(7)
    expect(predictions.at(-1)).toMatchObject({ digit: 7, version: 2 })
    expect(await page.locator('#model-facts dd').first().textContent()).toBe('The pupil, version 2')
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
    // The outcome is complete, so the page closes the stream, of which the phone has few.
    await expect.poll(() => phone.listening()).toBe(0)
    await close()
    expect(complaints).toEqual([])
  })

  test('the outcome of a correction is shown although another digit has been drawn since', async () => {
    const { page, close } = await taught()
    await page.locator('#clear').click()
    await phone.round('promoted')
    await expect.poll(() => answer(page, 'now')).toMatch(/^Now 7 \d+\.\d% sure version 2$/)
    await drawWithMouse(page, SEVEN)
    await expect.poll(() => agreedDigit(page)).toBe(7)
    await close()
  })

  test('a correction that waits for the battery says so at once, also in the middle of a round, and is learned from later', async () => {
    const { page, complaints, close } = await taught()
    await page.locator('#learning summary').click()
    await expect.poll(() => phone.listening()).toBe(1)
    const limits = { charge: 40, starts: 40, stops: 43 }
    phone.send({ type: 'waits', reason: 'not-charging', message: '', charge: 31, temperature: 30, limits })
    const words = 'The phone learns while it charges. It is not charging now; it is at 31 %.'
    await page.locator('#outcome-verdict', { hasText: `Your drawing is learned from later. ${words}` }).waitFor()
    expect(await page.locator('#learning-text').textContent()).toBe(`1 drawing waits to be learned from. ${words}`)
    expect(await page.locator('#outcome-bar').isVisible()).toBe(false)
    phone.send({ type: 'continues' })
    await page.getByText('The phone starts to learn in a moment …').waitFor()
    const about = { round: 1, model: 'pupil', phase: 'training', step: 3, steps: 20, lessons: 1 } as const
    phone.send({ type: 'started', ...about })
    await page.locator('#outcome-progress', { hasText: 'step 3 of 20' }).waitFor()
    phone.send({ type: 'waits', reason: 'hot', message: '', charge: 60, temperature: 44, limits })
    await page.locator('#outcome-verdict', { hasText: 'The phone is too warm to learn, at 44 °C.' }).waitFor()
    phone.send({ type: 'continues' })
    await phone.round('promoted')
    await expect.poll(() => answer(page, 'now')).toMatch(/^Now 7 \d+\.\d% sure version 2$/)
    await close()
    expect(complaints).toEqual([])
  })

  test('a refused candidate is shown with the reason and the gate’s figures; the old model goes on answering', async () => {
    const { page, complaints, close } = await taught()
    await expect.poll(() => phone.listening()).toBe(1)
    await phone.round('refused', 'it forgets too many fours')
    await page.getByText('What it learned was not adopted: it forgets too many fours.', { exact: true }).waitFor()
    expect(await page.locator('#now').isVisible()).toBe(false)
    expect(await facts(page)).toContain('Right at the gate: 98.10% shipped, 97.00% learned')
    expect(await agreedDigit(page)).toBe(8)
    await close()
    expect(complaints).toEqual([])
  })

  test.each([
    ['the phone refuses a stream of events', false],
    ['a tunnel holds the stream back', 'held back'],
  ] as const)('where %s, polling shows the same', async (_, streams) => {
    phone.streams = streams
    const { page, complaints, close } = await taught()
    await phone.round('promoted')
    await expect.poll(() => answer(page, 'now')).toMatch(/^Now 7 \d+\.\d% sure version 2$/)
    await expect.poll(() => agreedDigit(page)).toBe(7)
    await close()
    expect(complaints.filter((text) => !NETWORK.test(text))).toEqual([])
  })

  test('a stream that breaks reconnects, and the end of a round missed meanwhile is shown', async () => {
    const { page, close } = await taught()
    await expect.poll(() => phone.listening()).toBe(1)
    phone.cut()
    await expect.poll(() => phone.listening()).toBe(0)
    await phone.round('promoted')
    await expect.poll(() => answer(page, 'now')).toMatch(/^Now 7 \d+\.\d% sure version 2$/)
    await close()
  })

  test('“How it learns” draws loss and accuracy of the current round and the one before, and lists the gate and the corrections', async () => {
    const { page, complaints, close } = await taught()
    await page.locator('#learning summary').click()
    await expect.poll(() => phone.listening()).toBe(1)
    await phone.round('refused', 'it forgets too many fours')
    await page.getByText('Round 1, The pupil.', { exact: true }).waitFor()
    await phone.round('promoted')
    await page.getByText('Round 2, The pupil; faint, round 1, The pupil.').waitFor()
    for (const id of ['loss', 'accuracy']) {
      const [before, now] = await page
        .locator(`#${id} polyline`)
        .evaluateAll((lines) => lines.map((line) => line.getAttribute('points')?.split(' ').length))
      expect([before, now], id).toEqual([20, 20])
    }
    expect(await page.locator('#loss svg').getAttribute('aria-label')).toBe('Loss, from 1.95 to 0.0891 at step 20')
    const rows = await page
      .locator('#gate-rows tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(' ')))
    expect(rows).toHaveLength(11)
    expect([rows[0], rows[5]]).toEqual(['All 98.10% 98.15% +0.05', '4 98.00% 97.80% −0.20'])
    await page
      .getByText(
        'Passed, on 5,000 digits the phone makes itself: as the test says. A candidate may lose at most 0.10 points overall and 2.50 on any digit.',
      )
      .waitFor()
    expect(await page.locator('#own li').allTextContents()).toEqual(['7, was read as 8'])
    await page.getByText('1 drawing kept. The last round: 1 drawing learned from.').waitFor()
    await close()
    expect(complaints).toEqual([])
  })

  test('only the owner’s token allows a rollback: it is sent in a header, and forgotten on request', async () => {
    const { page, complaints, close } = await taught()
    await phone.round('promoted')
    await page.getByText('The phone has learned').waitFor()
    await page.locator('#learning summary').click()
    await page.locator('#versions li').nth(1).waitFor()
    expect(await page.locator('#versions button').count()).toBe(0)

    for (const wrong of ['wrong', 'wröng ☃']) {
      await page.getByLabel('For the phone’s owner: the token').fill(wrong)
      await page.keyboard.press('Enter')
      await page.getByText('That is not the owner’s token.').waitFor()
    }
    expect(await page.locator('#versions button').count()).toBe(0)
    await page.getByLabel('For the phone’s owner: the token').fill(TOKEN)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByRole('button', { name: 'Roll back to version 1' }).click()
    await page.getByText('Version 1 of The pupil answers now.').waitFor()
    await expect.poll(() => agreedDigit(page)).toBe(8) // the browser has gone back, too
    const rollback = phone.requests.find(({ path }) => path.endsWith('/rollback'))
    expect(rollback).toMatchObject({ authorization: `Bearer ${TOKEN}`, body: { version: 1 } })
    await page.getByRole('button', { name: 'Serve version 2' }).waitFor()
    await page.getByText('it learns only from the owner. 2 corrections of others wait.').waitFor()
    await page.getByRole('button', { name: 'Let the others in' }).click()
    await page.getByText('The pupil learns from everybody again.').waitFor()
    await expect.poll(() => page.locator('#hold').isVisible()).toBe(false)
    expect(phone.requests.find(({ path }) => path.endsWith('/resume'))).toMatchObject({ method: 'POST' })

    await page.getByRole('button', { name: 'Start a round for The pupil' }).click()
    await page.getByText('A round has been requested.').waitFor()
    const start = phone.requests.find(({ method, path }) => method === 'POST' && path === '/api/v1/training')
    expect(start).toMatchObject({ authorization: `Bearer ${TOKEN}`, body: { model: 'pupil' } })

    await page.locator('#clear').click()
    await page.evaluate(() => scrollTo(0, 0))
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    await page.locator('#right').click()
    await page.getByText('Kept: an 8, so the answer was right.').waitFor()
    const owned = phone.requests.filter(({ method, path }) => method === 'POST' && path === '/api/v1/corrections')
    expect(owned.map(({ authorization }) => authorization)).toEqual([undefined, `Bearer ${TOKEN}`])

    await page.getByRole('button', { name: 'Forget the token' }).click()
    await expect.poll(() => page.locator('#versions button').count()).toBe(0)
    expect(phone.requests.filter(({ path }) => path.includes(TOKEN))).toEqual([])
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]),
    )
    expect(stored).not.toContain(TOKEN)
    await close()
    expect(complaints.filter((text) => !NETWORK.test(text))).toEqual([])
  })

  test.each([
    320, 390, 1280,
  ])('at %i px nothing of it is wider than the window, and the pad stays where it was', async (width) => {
    const { page, close } = await taught({ viewport: { width, height: 800 } })
    const pad = await page.locator('#pad').boundingBox()
    await phone.round('promoted')
    await page.getByText('The phone has learned').waitFor()
    expect(await page.locator('#pad').boundingBox()).toEqual(pad)
    await page.locator('#learning summary').click()
    await page.locator('#token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Roll back to version 1' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    for (const button of await page.locator('.teach button:visible, .learning button:visible').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    }
    await close()
  })

  test('for a phone that does not learn the page says so, and that corrections are kept for later', async () => {
    phone.training = { ...phone.training, state: 'off', reason: 'its owner has switched it off', models: [] }
    const { page, close } = await visit(browser(), phone.url)
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    await page.getByText('Say what it was, and the phone keeps your correction for later.').waitFor()
    await page.locator('#learning summary').click()
    await page.getByText('This phone does not learn now: its owner has switched it off.').waitFor()
    await close()
  })
})

/** The text of the old or the new answer. */
async function answer(page: Page, id: 'was' | 'now'): Promise<string> {
  return ((await page.locator(`#${id}`).textContent()) ?? '').replace(/\s+/g, ' ').trim()
}

function facts(page: Page): Promise<string[]> {
  return page
    .locator('#outcome-facts div')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((part) => part.textContent).join(': ')))
}
