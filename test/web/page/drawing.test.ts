import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { LAN_NAME } from '../chromium.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

/** A WebAssembly module whose one function consists of the opcode 0xff, which means nothing. */
const UNKNOWN_OPCODE = Buffer.from('0061736d0100000001040160000003020100' + '0a050103' + '00ff0b', 'hex')

const FOUR = ownDigits()[4]?.strokes ?? []
const SEVEN = ownDigits()[7]?.strokes ?? []

describeInBrowser('using the page', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_HOSTS: LAN_NAME })
  })
  afterAll(() => server?.stop())

  test('undo restores the exact pixels and numbers before the stroke; after clear, those of the whole drawing', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    const empty = await looks(page)
    await drawWithMouse(page, FOUR.slice(0, 1))
    await page.mouse.move(0, 0)
    const one = await looks(page)
    await drawWithMouse(page, FOUR.slice(1))
    await page.mouse.move(0, 0)
    const two = await looks(page)
    expect(two).not.toEqual(one)
    await page.locator('#clear').click()
    expect(await looks(page)).toEqual(empty)
    await page.locator('#undo').click()
    expect(await looks(page)).toEqual(two)
    await page.keyboard.press('Control+z')
    expect(await looks(page)).toEqual(one)
    await page.keyboard.press('Control+z')
    expect(await looks(page)).toEqual(empty)
    await close()
    expect(complaints).toEqual([])
  })

  test('answers come while the stroke is still being drawn', async () => {
    const { page, predictions, close } = await visit(browser(), server.url)
    const box = await page.locator('#pad').boundingBox()
    if (!box) throw new Error('no pad')
    await page.mouse.move(box.x + box.width / 2, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2, box.y + box.height - 60, { steps: 15 })
    await expect.poll(() => page.locator('#answer').getAttribute('data-kind')).toBe('digit')
    expect(predictions).toEqual([]) // so it was the browser's
    await page.mouse.up()
    expect(await agreedDigit(page)).toBe(1)
    await close()
  })

  test('everything can be done with the keyboard, drawing a 1 and a 7 included', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    for (const id of ['model', 'paper']) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe(id)
    }
    await page.keyboard.press('Space')
    await expect.poll(() => page.locator('#spoken').textContent()).toBe('Pen down')
    for (let i = 0; i < 15; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await expect.poll(() => page.locator('#spoken').textContent()).toBe('Pen up')
    expect(await agreedDigit(page)).toBe(1)

    await page.keyboard.press('Delete')
    expect(await page.locator('#hint').isVisible()).toBe(true)
    for (let i = 0; i < 14; i++) await page.keyboard.press('ArrowUp')
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    for (let i = 0; i < 11; i++) await page.keyboard.press('ArrowRight')
    for (let i = 0; i < 16; i++) {
      await page.keyboard.press('ArrowDown')
      if (i % 2 === 0) await page.keyboard.press('ArrowLeft')
    }
    await page.keyboard.press('Enter')
    expect(await agreedDigit(page)).toBe(7)

    await page.keyboard.press('Tab')
    await page.keyboard.press('Space') // Undo
    expect(await page.locator('#hint').isVisible()).toBe(true)
    await page.keyboard.press('Space') // undoes the clearing: the 1 is back
    expect(await agreedDigit(page)).toBe(1)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // Clear
    expect(await page.locator('#hint').isVisible()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#width-value').textContent()).toBe('23')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space') // no answers while drawing any more
    await page.keyboard.press('Control+z')
    expect(await page.locator('#sure').textContent()).toContain('press “Read it”')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // Read it
    expect(await agreedDigit(page)).toBe(1)
    expect(await page.evaluate(() => scrollY)).toBe(0)
    await close()
    expect(complaints).toEqual([])
  })

  test('two arrow keys at once, or a corner of the number pad, draw a diagonal', async () => {
    const { page, close } = await visit(browser(), server.url)
    await page.locator('#paper').focus()
    await page.keyboard.press('Space')
    await page.keyboard.down('ArrowDown')
    await page.keyboard.down('ArrowRight')
    await page.keyboard.up('ArrowRight')
    await page.keyboard.up('ArrowDown')
    for (let i = 0; i < 8; i++) await page.keyboard.press('PageDown')
    for (let i = 0; i < 8; i++) await page.keyboard.press('End')
    await page.keyboard.press('Space')
    await agreedDigit(page) // there is enough ink, in two dimensions, for an answer
    await close()
  })

  test('a screen reader finds every part by role and name, and announces one answer per drawing, once it has settled', async () => {
    const { page, close } = await visit(browser(), server.url)
    for (const [role, name] of [
      ['application', 'Drawing pad'],
      ['button', 'Undo'],
      ['button', 'Clear'],
      ['slider', 'Pen width'],
      ['combobox', 'Model'],
      ['checkbox', 'Answer while I draw'],
      ['img', 'The drawing as the model sees it'],
      ['region', 'Answer'],
    ] as const) {
      expect(await page.getByRole(role, { name, exact: true }).count(), `${role} ${name}`).toBe(1)
    }
    expect(await page.locator('#announcement').getAttribute('aria-live')).toBe('polite')
    await page.evaluate(() => {
      const said: string[] = []
      Object.assign(window, { said })
      const live = document.getElementById('announcement')
      if (live) new MutationObserver(() => said.push(live.textContent ?? '')).observe(live, { childList: true })
    })
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    await expect.poll(() => page.locator('#announcement').textContent()).toMatch(/^7, \d+\.\d% sure\.$/)
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toHaveLength(1)
    expect(await page.locator('#bars li').nth(7).textContent()).toMatch(/^7\d+\.\d%$/)
    await close()
  })

  test('a dot and a blot are refused with a reason and without a request to the phone', async () => {
    const { page, complaints, predictions, close } = await visit(browser(), server.url)
    const box = await page.locator('#pad').boundingBox()
    if (!box) throw new Error('no pad')
    await page.locator('#width').fill('8')
    await drawWithMouse(page, [[[140, 140]]])
    await expect.poll(() => page.locator('#sure').textContent()).toBe('Too little ink to tell. Draw the whole digit.')
    await page.locator('#clear').click()
    await page.locator('#width').fill('40')
    const rows = Array.from({ length: 15 }, (_, i): [number, number][] => [
      [0, 20 * i],
      [280, 20 * i],
    ])
    await drawWithMouse(page, rows)
    await expect.poll(() => page.locator('#sure').textContent()).toBe('All ink or all paper: nothing to tell apart.')
    expect(await page.locator('#phone').getAttribute('data-tone')).toBe('quiet')
    await close()
    expect(complaints).toEqual([])
    expect(predictions.every(({ digit }) => digit >= 0)).toBe(true)
  })

  test('over plain http, without a secure context, everything works the same', async () => {
    const { page, complaints, close } = await visit(browser(), `http://${LAN_NAME}:${server.port}`)
    expect(await page.evaluate(() => [isSecureContext, 'subtle' in crypto])).toEqual([false, false])
    await drawWithMouse(page, SEVEN, 'slow')
    expect(await agreedDigit(page)).toBe(7)
    await close()
    // On plain http the browser reports that it ignores the headers that need TLS.
    const aboutHeaders = /Cross-Origin-Opener-Policy|Origin-Agent-Cluster/
    expect(complaints.filter((text) => !aboutHeaders.test(text))).toEqual([])
  })

  test('a browser that adds noise to what is read from a canvas sends the strokes instead, and both still agree', async () => {
    const { page, complaints, close } = await visit(browser(), 'about:blank', { ready: false })
    await page.addInitScript(() => {
      const read = CanvasRenderingContext2D.prototype.getImageData
      CanvasRenderingContext2D.prototype.getImageData = function (...area) {
        const image = read.apply(this, area)
        for (let i = 0; i < image.data.length; i += 97) image.data[i] = (image.data[i] ?? 0) ^ 1
        return image
      }
    })
    const types: unknown[] = []
    page.on('request', (request) => {
      if (request.url().includes('/predict')) types.push(request.headers()['content-type'])
    })
    await page.goto(server.url)
    await page.locator('#browser-facts dd').first().waitFor()
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    expect(types).toEqual(['application/json'])
    await close()
    expect(complaints.filter((text) => !text.startsWith('request to'))).toEqual([])
  })

  test.each([
    ['no SIMD', 'WebAssembly'],
    ['no WebAssembly at all', 'TypeScript'],
  ])('a browser with %s answers in %s, and its numbers are the phone’s to the last bit', async (lacking, computes) => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    // A module with an opcode that there is not, as SIMD's are to a browser without it.
    if (lacking === 'no SIMD') await page.route('**/simd-*.wasm', (route) => route.fulfill({ body: UNKNOWN_OPCODE }))
    else await page.addInitScript(() => void Reflect.deleteProperty(globalThis, 'WebAssembly'))
    await page.goto(server.url)
    await page.locator('#browser-facts dd').first().waitFor()
    expect(await page.locator('#browser-facts dd').first().textContent()).toBe(computes)
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    await close()
  })
})

/** All pixels and texts of the page that depend on the drawing. */
async function looks(page: Page): Promise<unknown> {
  await page.waitForTimeout(50) // a live answer may be due
  return page.evaluate(() => ({
    pad: (document.getElementById('pad') as HTMLCanvasElement).toDataURL(),
    input: (document.getElementById('model-input') as HTMLCanvasElement).toDataURL(),
    answer: document.getElementById('answer')?.textContent,
    bars: document.getElementById('bars')?.textContent,
  }))
}
