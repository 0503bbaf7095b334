import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { type ScriptedPhone, startScriptedPhone } from '../scripted-phone.ts'
import { agreedDigit, describeInBrowser, type Visit, visit } from '../visit.ts'

const SEVEN = ownDigits()[7]?.strokes ?? []
const NETWORK = /Failed to load resource/ // what the browser itself says of a refusal

describeInBrowser('teaching the phone in the page', (browser) => {
  let phone: ScriptedPhone
  beforeAll(async () => {
    phone = await startScriptedPhone()
  })
  afterAll(() => phone?.close())
  beforeEach(() => {
    phone.requests.length = 0
    phone.script = () => undefined
  })

  /** A page on which a 7 was drawn and read as an 8. */
  async function misread(options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visited = await visit(browser(), phone.url, options)
    await drawWithMouse(visited.page, SEVEN)
    expect(await agreedDigit(visited.page)).toBe(8)
    return visited
  }

  const corrections = () => phone.requests.filter(({ path }) => path.startsWith('/api/v1/corrections'))

  test('a button sends one correction with the prediction’s id; there are none before the phone has answered', async () => {
    const { page, complaints, predictions, close } = await visit(browser(), phone.url)
    await said(page, 'Draw a digit first. Then say what it was, and the phone learns from it.')
    await page.getByRole('button', { name: 'It was a 7' }).click({ force: true })
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    await said(page, 'Say what it was, and the phone learns from it.')
    const seven = page.getByRole('button', { name: 'It was a 7' })
    await seven.click()
    await said(page, 'Kept: it was a 7, not an 8.')
    await seven.click() // says nothing new
    expect(await seven.getAttribute('aria-pressed')).toBe('true')
    expect(corrections().map(({ body }) => body)).toEqual([{ predictionId: predictions[0]?.id, label: 7 }])
    expect(corrections()[0]?.key).toMatch(/^[0-9a-f]{32}$/)
    await close()
    expect(complaints).toEqual([])
  })

  test('the keys 0 to 9 correct, also while the pad has the focus, but not in the token’s field or the menu', async () => {
    const { page, complaints, close } = await misread()
    await page.locator('#model').focus()
    await page.keyboard.press('7')
    await page.locator('#learning summary').click()
    await page.locator('#token').focus()
    await page.keyboard.press('7')
    await page.keyboard.press('Control+7')
    expect(corrections()).toEqual([])
    await page.locator('#paper').focus()
    await page.keyboard.press('7')
    await said(page, 'Kept: it was a 7, not an 8.')
    expect(corrections()).toHaveLength(1)
    await page.keyboard.press('Delete')
    await page.keyboard.press('3') // nothing is drawn
    expect(corrections()).toHaveLength(1)
    await close()
    expect(complaints).toEqual([])
  })

  test('its own digit or a button confirms the answer; another button says that it was no digit', async () => {
    const { page, close } = await misread()
    await page.getByRole('button', { name: 'It is right' }).click()
    await said(page, 'Kept: an 8, so the answer was right.')
    await page.getByRole('button', { name: 'Not a digit' }).click()
    await said(page, 'Kept: it was no digit, not an 8.')
    const [first, second] = corrections().map(({ body }) => body as Record<string, unknown>)
    expect(first).toMatchObject({ label: 8 })
    // The id is used up: the same drawing is named by its picture.
    expect(second).toMatchObject({ label: 'not-a-digit', model: 'pupil' })
    expect(second?.image).toMatch(/^data:image\/png;base64,/)
    await close()
  })

  test('“Take it back” deletes the correction; after that another one can be sent', async () => {
    const { page, close } = await misread()
    await page.keyboard.press('1')
    await page.getByRole('button', { name: 'Take it back' }).click()
    await said(page, 'Taken back: the phone has forgotten it.')
    expect(corrections().at(-1)).toMatchObject({ method: 'DELETE' })
    expect(await page.locator('#labels [aria-pressed="true"]').count()).toBe(0)
    await page.keyboard.press('7')
    await said(page, 'Kept: it was a 7, not an 8.')
    await close()
  })

  test.each([
    403, 404, 409, 410,
  ])('a correction whose prediction id is refused with %i is sent once more with the picture', async (status) => {
    const { page, close } = await misread()
    phone.script = ({ body }) => (body && 'predictionId' in (body as object) ? { status } : undefined)
    await page.keyboard.press('7')
    await said(page, 'Kept: it was a 7, not an 8.')
    const sent = corrections()
    expect(sent.map(({ body }) => Object.keys(body as object))).toEqual([
      ['predictionId', 'label'],
      ['image', 'label', 'model'],
    ])
    expect(sent[0]?.key).not.toBe(sent[1]?.key)

    await page.locator('#clear').click()
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    phone.script = () => ({ status })
    await page.keyboard.press('7')
    await said(page, 'The phone does not remember this drawing. Draw it again.')
    expect(corrections()).toHaveLength(4)
    await close()
  })

  test('a correction that is refused because of a proxy in between is not sent with the picture, and not blamed on the drawing', async () => {
    const { page, close } = await misread()
    phone.script = ({ method }) => (method === 'POST' ? { status: 403, code: 'cross_site' } : undefined)
    await page.keyboard.press('7')
    await page.locator('#teach-text', { hasText: 'The phone takes this page for another site’s' }).waitFor()
    expect(await page.locator('#teach-text').textContent()).toContain('--trust-proxy')
    expect(corrections()).toHaveLength(1)
    await close()
  })

  test('a spent quota is shown with its waiting time, and a button tries again', async () => {
    const { page, complaints, close } = await misread()
    phone.script = ({ method }) => (method === 'POST' ? { status: 429, retryAfter: 750 } : undefined)
    await page.keyboard.press('7')
    await said(page, 'The phone has received many corrections from here. Try again in 12 min 30 s.')
    phone.script = () => undefined
    await page.getByRole('button', { name: 'Try again' }).click()
    await said(page, 'Kept: it was a 7, not an 8.')
    await close()
    expect(complaints.filter((text) => !NETWORK.test(text))).toEqual([])
  })

  test('a phone that asks for a pause of one second gets the correction after it; a damaged store is reported', async () => {
    const { page, close } = await misread()
    let refused = 0
    phone.script = ({ method }) =>
      method === 'POST' && refused++ === 0 ? { status: 503, code: 'storage_full', retryAfter: 1 } : undefined
    await page.keyboard.press('7')
    await said(
      page,
      'The phone can’t keep corrections just now. It asks for a pause of 1 s; your correction is sent after that.',
    )
    await said(page, 'Kept: it was a 7, not an 8.')
    expect(new Set(corrections().map(({ key }) => key)).size).toBe(1)
    phone.script = ({ method }) => (method === 'POST' ? { status: 503, code: 'store_broken' } : undefined)
    await page.keyboard.press('1')
    await said(page, 'The phone can’t keep corrections: its store is damaged. Its owner must repair it.')
    await close()
  })

  test('over a network that loses answers one correction is one row: it is sent with the same key until it is answered', async () => {
    const { page, close } = await misread()
    const before = phone.training.corrections
    phone.script = ({ method }) => (method === 'POST' ? { status: 0, cut: true } : undefined)
    await page.keyboard.press('7')
    await said(page, 'The phone is not answering. Your correction is sent when it is back.')
    phone.script = () => undefined
    await said(page, 'Kept: it was a 7, not an 8.')
    expect(corrections().length).toBeGreaterThanOrEqual(2)
    expect(phone.training.corrections).toBe(before + 1)
    await close()
  })

  test('a correction withdrawn while the phone is away is deleted as soon as the phone is back', async () => {
    const { page, close } = await misread()
    phone.script = ({ method }) => (method === 'POST' ? { status: 0, cut: true } : undefined)
    await page.keyboard.press('7')
    await said(page, 'The phone is not answering. Your correction is sent when it is back.')
    await page.getByRole('button', { name: 'Take it back' }).click()
    phone.script = () => undefined
    await said(page, 'Taken back: the phone has forgotten it.')
    expect(
      corrections()
        .slice(-2)
        .map(({ method }) => method),
    ).toEqual(['POST', 'DELETE'])
    expect(
      new Set(
        corrections()
          .slice(0, -1)
          .map(({ key }) => key),
      ).size,
    ).toBe(1)
    await close()
  })

  test('where the canvas falsifies pixels there is no picture: the correction needs the id, or the digit is drawn again', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.addInitScript(() => {
      const read = CanvasRenderingContext2D.prototype.getImageData
      CanvasRenderingContext2D.prototype.getImageData = function (...area) {
        const image = read.apply(this, area)
        for (let i = 0; i < image.data.length; i += 97) image.data[i] = (image.data[i] ?? 0) ^ 1
        return image
      }
    })
    await page.goto(phone.url)
    await page.locator('#browser-facts dd').first().waitFor()
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    phone.script = ({ method }) => (method === 'POST' ? { status: 410 } : undefined)
    await page.keyboard.press('7')
    await said(page, 'The phone does not remember this drawing. Draw it again.')
    expect(corrections()).toHaveLength(1)
    await close()
  })
})

/** Waits until this stands beside the buttons. */
async function said(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.locator('#teach-text').textContent()).toBe(words)
}
