/** What is taught in the page is learned in the visitor's browser: at once, for their own answers, kept, and forgotten by one tap. */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { type ScriptedPhone, startScriptedPhone } from '../scripted-phone.ts'
import { agreedDigit, describeInBrowser, type Visit, visit } from '../visit.ts'

/** Everyone's model takes it for an 8. The visitor says that it is a 9. */
const DRAWN = ownDigits()[8]?.strokes ?? []
const LEARNED = 'Yours: this browser has learned from 1 drawing, for your answers alone.'

describeInBrowser('what the visitor teaches', (browser) => {
  let phone: ScriptedPhone
  beforeAll(async () => {
    phone = await startScriptedPhone(0, 'cnn-small')
  })
  afterAll(() => phone?.close())
  beforeEach(() => {
    phone.requests.length = 0
    phone.script = () => undefined
  })

  /** A page on which the drawing was read as an 8. */
  async function misread(): Promise<Visit> {
    const visited = await visit(browser(), phone.url)
    await drawWithMouse(visited.page, DRAWN)
    expect(await agreedDigit(visited.page)).toBe(8)
    return visited
  }

  async function redraw(page: Page): Promise<void> {
    await page.locator('#clear').click()
    await drawWithMouse(page, DRAWN)
  }

  test('is their answer at once, beside everyone’s, in which the phone still agrees', async () => {
    const { page, complaints, close } = await misread()
    expect(await page.locator('#whose').textContent()).toBe('')
    await page.keyboard.press('9')
    await learned(page)
    await shown(page, '9', /^Yours\. Everyone’s: 8, \d/)
    expect(await page.locator('#phone').getAttribute('data-tone')).toBe('good')
    expect(await page.locator('#phone-text').textContent()).toBe('Everyone’s is 8: the phone agrees, to the last bit.')
    await redraw(page)
    await shown(page, '9', /^Yours\. Everyone’s: 8/)
    await page.getByRole('button', { name: 'It is right' }).click()
    await said(page, 'Kept: it was a 9, not an 8.') // of everyone's answer
    expect(await page.getByRole('button', { name: 'It is right' }).getAttribute('aria-pressed')).toBe('true')
    await close()
    expect(complaints).toEqual([])
  })

  test('survives a reload, and comes to the same weights again', async () => {
    const { page, complaints, close } = await misread()
    await page.keyboard.press('9')
    const before = await fingerprint(page)
    await page.reload()
    await learned(page)
    expect(await fingerprint(page)).toBe(before)
    await drawWithMouse(page, DRAWN)
    await shown(page, '9', /^Yours/)
    await close()
    expect(complaints).toEqual([])
  })

  test('is forgotten by one tap, with the drawings, also after a reload', async () => {
    const { page, complaints, close } = await misread()
    await page.keyboard.press('9')
    await learned(page)
    const forget = page.getByRole('button', { name: 'Forget what I taught here' })
    await forget.click()
    await expect
      .poll(() => page.locator('#yours-text').textContent())
      .toBe('Forgotten on this device: the answers are everyone’s again.')
    expect(await forget.isVisible()).toBe(false)
    await shown(page, '8', /^$/)
    expect(await keptDrawings(page)).toBe(0)
    await page.reload()
    await drawWithMouse(page, DRAWN)
    expect(await agreedDigit(page)).toBe(8)
    await shown(page, '8', /^$/)
    expect(await page.locator('#yours-text').textContent()).toBe('')
    await close()
    expect(complaints).toEqual([])
  })

  test('goes with what is taken back, and another label takes its place', async () => {
    const { page, close } = await misread()
    await page.keyboard.press('3')
    await learned(page)
    await shown(page, '3', /^Yours/)
    await page.keyboard.press('9')
    await shown(page, '9', /^Yours/)
    await learned(page)
    expect(await keptDrawings(page)).toBe(1)
    await page.getByRole('button', { name: 'Take it back' }).click()
    await shown(page, '8', /^$/)
    expect(await keptDrawings(page)).toBe(0)
    await close()
  })

  test('needs no quota: what the phone refuses is learned here, and can be taken back here', async () => {
    const { page, close } = await misread()
    phone.script = ({ method }) => (method === 'POST' ? { status: 429, retryAfter: 750 } : undefined)
    await page.keyboard.press('9')
    await said(page, 'The phone has received many corrections from here. Try again in 12 min 30 s.')
    await learned(page)
    await shown(page, '9', /^Yours/)
    await page.getByRole('button', { name: 'Take it back' }).click()
    await shown(page, '8', /^$/)
    await close()
  })

  test('needs no phone: it may go away before the drawing, and gets the picture when it is back', async () => {
    const { page, close } = await misread()
    await page.waitForFunction(() => performance.getEntriesByName('learning worker started').length > 0)
    await page.context().setOffline(true)
    await redraw(page)
    await said(page, 'Say what it was, and the phone learns from it.')
    await page.keyboard.press('9')
    await learned(page)
    await shown(page, '9', /^Yours/)
    await said(page, 'The phone is not answering. Your correction is sent when it is back.')
    await page.context().setOffline(false)
    await said(page, 'Kept: it was a 9, not an 8.')
    const sent = phone.requests.find(({ method, path }) => method === 'POST' && path === '/api/v1/corrections')
    expect(sent?.body).toMatchObject({ label: 9, model: 'pupil' })
    expect((sent?.body as { image: string }).image).toMatch(/^data:image\/png;base64,/)
    await close()
  })

  test('is learned where IndexedDB is blocked too, until the page is closed', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.addInitScript(() => {
      indexedDB.open = () => {
        throw new DOMException('denied', 'SecurityError')
      }
    })
    await page.goto(phone.url)
    await page.locator('#browser-facts dd').first().waitFor()
    await drawWithMouse(page, DRAWN)
    expect(await agreedDigit(page)).toBe(8)
    await page.keyboard.press('9')
    await shown(page, '9', /^Yours/)
    const words = 'This browser keeps nothing for pages, so they last until you close this one.'
    expect(await page.locator('#yours-text').textContent()).toBe(`${LEARNED} ${words}`)
    await close()
  })

  test('says where everyone’s model waits for somebody else to agree that it counts already for the visitor', async () => {
    const { page, close } = await misread()
    await page.keyboard.press('9')
    await said(page, 'Kept: it was a 9, not an 8.')
    await learned(page)
    await phone.round('unchanged', 'no drawing that counts', { learned: 0, implausible: 0, held: 1 })
    await expect
      .poll(() => page.locator('#outcome-verdict').textContent())
      .toBe('Kept: it counts for everyone once somebody else or the phone’s owner agrees. It already counts for you.')
    await close()
  })
})

async function learned(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator('#yours-text').textContent(), { timeout: 120_000 })
    .toMatch(/^Yours: this browser/)
}

/** Waits until this digit is shown as the answer of whoever it is. */
async function shown(page: Page, digit: string, whose: RegExp): Promise<void> {
  await expect.poll(() => page.locator('#digit').textContent(), { timeout: 120_000 }).toBe(digit)
  await expect.poll(() => page.locator('#whose').textContent()).toMatch(whose)
}

/** Waits until this stands beside the buttons. */
async function said(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.locator('#teach-text').textContent(), { timeout: 120_000 }).toBe(words)
}

async function fingerprint(page: Page): Promise<string> {
  await learned(page)
  const words = await page.locator('#yours-facts').textContent()
  return /SHA-256 ([0-9a-f]{64})/.exec(words ?? '')?.[1] ?? ''
}

/** Number of drawings in the browser's database. */
function keptDrawings(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('inkling')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const counting = opening.result.transaction('taught').objectStore('taught').count()
          counting.onsuccess = () => resolve(counting.result)
        }
      }),
  )
}
