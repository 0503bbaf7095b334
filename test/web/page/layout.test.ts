import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse, swipe } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const THREE = ownDigits()[3]?.strokes ?? []
const CONTROLS = ['#digit', '#sure', '#pad', '#undo', '#clear', '#width']

describeInBrowser('the page on any screen', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test.each([
    [320, 640],
    [360, 740],
    [740, 360],
    [768, 1024],
    [1440, 900],
    [1920, 1080],
  ])('at %i x %i px nothing is wider than the window, and answer, pad and controls are in it', async (width, height) => {
    const { page, complaints, close } = await visit(browser(), server.url, { viewport: { width, height } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    for (const selector of CONTROLS) {
      const box = await page.locator(selector).boundingBox()
      expect(box, selector).not.toBeNull()
      if (!box) continue
      expect(box.x, selector).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width, selector).toBeLessThanOrEqual(width)
      expect(box.y + box.height, selector).toBeLessThanOrEqual(height)
    }
    await close()
    expect(complaints).toEqual([])
  })

  test('the pad does not move by a pixel while answers come and go, at 360 px', async () => {
    const { page, close } = await visit(browser(), server.url, { viewport: { width: 360, height: 740 } })
    const before = await page.locator('#pad').boundingBox()
    await drawWithMouse(page, THREE)
    await agreedDigit(page)
    expect(await page.locator('#pad').boundingBox()).toEqual(before)
    await page.locator('#clear').click()
    await drawWithMouse(page, [[[140, 140]]])
    expect(await page.locator('#pad').boundingBox()).toEqual(before)
    await close()
  })

  test('one canvas pixel is one device pixel at densities 1, 2 and 3, and the answer does not depend on it', async () => {
    const answers: unknown[] = []
    for (const deviceScaleFactor of [1, 2, 3]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, predictions, close } = await visit(browser(), server.url, { deviceScaleFactor, colorScheme })
        await drawWithMouse(page, THREE)
        await agreedDigit(page)
        expect(await canvasDensity(page)).toBe(deviceScaleFactor)
        await expect.poll(() => predictions.length).toBe(1)
        answers.push(predictions[0]?.probabilities)
        await close()
      }
    }
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('the pad stays sharp, and keeps its drawing, when the density or the window changes under it', async () => {
    const { page, close } = await visit(browser(), server.url, { viewport: { width: 1000, height: 800 } })
    await drawWithMouse(page, THREE)
    await agreedDigit(page)
    const ink = await inkShare(page)
    const screen = await page.context().newCDPSession(page)
    const metrics = { width: 1000, height: 801, deviceScaleFactor: 2.5, mobile: false }
    await screen.send('Emulation.setDeviceMetricsOverride', metrics)
    await expect.poll(() => canvasDensity(page)).toBeCloseTo(2.5, 2)
    expect(await inkShare(page)).toBeCloseTo(ink, 2)
    await screen.send('Emulation.setDeviceMetricsOverride', { ...metrics, width: 400, height: 800 })
    await expect.poll(() => page.evaluate(() => document.querySelector('canvas')?.clientWidth)).toBe(368)
    await expect.poll(() => canvasDensity(page)).toBeCloseTo(2.5, 2)
    expect(await inkShare(page)).toBeCloseTo(ink, 2)
    await close()
  })

  test('the ink follows the theme at once: dark on light paper, light on dark paper', async () => {
    const { page, close } = await visit(browser(), server.url, { colorScheme: 'light' })
    await drawWithMouse(page, THREE)
    expect(await inkBrightness(page)).toBeLessThan(64)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => inkBrightness(page)).toBeGreaterThan(192)
    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(() => inkBrightness(page)).toBeLessThan(64)
    await close()
  })

  test('in forced colours the pad has a border and the bars the system’s highlight', async () => {
    const { page, close } = await visit(browser(), server.url, { forcedColors: 'active' })
    expect(await page.locator('#pad').evaluate((pad) => getComputedStyle(pad).borderTopWidth)).toBe('1px')
    await drawWithMouse(page, THREE)
    expect(await agreedDigit(page)).toBe(3)
    await close()
  })

  test('with reduced motion no bar glides', async () => {
    const { page, close } = await visit(browser(), server.url, { reducedMotion: 'reduce' })
    const bar = page.locator('.bar i').first()
    expect(await bar.evaluate((element) => getComputedStyle(element).transitionDuration)).toBe('0s')
    await close()
  })

  test('a finger on the pad draws and scrolls nothing; the same finger below it scrolls the page', async () => {
    const options = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
    const { page, close } = await visit(browser(), server.url, options)
    const finger = await page.context().newCDPSession(page)
    const up = (from: number) => Array.from({ length: 20 }, (_, i) => ({ x: 180, y: from - 15 * i }))
    await swipe(finger, up(420))
    expect(await page.evaluate(() => scrollY)).toBe(0)
    expect(await inkShare(page)).toBeGreaterThan(0.02)
    await swipe(finger, up(700))
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(50)
    await close()
  })

  test('a pen draws, and takes back what the hand that holds it drew on touching down', async () => {
    const { page, close } = await visit(browser(), server.url, { hasTouch: true })
    const screen = await page.context().newCDPSession(page)
    const box = await page.locator('#pad').boundingBox()
    const at = (x: number, y: number) => ({ x: (box?.x ?? 0) + x, y: (box?.y ?? 0) + y })
    const touch = (type: 'touchStart' | 'touchMove', x: number, y: number) =>
      screen.send('Input.dispatchTouchEvent', { type, touchPoints: [at(x, y)] })
    await touch('touchStart', 300, 400)
    await touch('touchMove', 400, 430)
    const hand = await inkShare(page)
    expect(hand).toBeGreaterThan(0.005)
    const pen = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', x: number, y: number) =>
      screen.send('Input.dispatchMouseEvent', {
        type,
        ...at(x, y),
        button: 'left',
        buttons: 1,
        clickCount: 1,
        pointerType: 'pen',
      })
    await pen('mousePressed', 100, 100)
    expect(await inkShare(page)).toBeLessThan(hand)
    for (let y = 110; y <= 300; y += 10) await pen('mouseMoved', 100, y)
    await pen('mouseReleased', 100, 300)
    expect(await agreedDigit(page)).toBe(1)
    await close()
  })

  test('a second finger on the pad neither adds to the stroke of the first nor ends it', async () => {
    const options = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
    const { page, close } = await visit(browser(), server.url, options)
    const finger = await page.context().newCDPSession(page)
    const touch = (
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      ...touchPoints: { x: number; y: number; id: number }[]
    ) => finger.send('Input.dispatchTouchEvent', { type, touchPoints })
    await touch('touchStart', { x: 100, y: 200, id: 1 })
    await touch('touchMove', { x: 100, y: 300, id: 1 })
    const ink = await inkShare(page)
    await touch('touchStart', { x: 100, y: 300, id: 1 }, { x: 250, y: 200, id: 2 })
    await touch('touchMove', { x: 100, y: 300, id: 1 }, { x: 250, y: 400, id: 2 })
    expect(await inkShare(page)).toBeCloseTo(ink, 3)
    await touch('touchMove', { x: 100, y: 400, id: 1 }, { x: 250, y: 400, id: 2 })
    expect(await inkShare(page)).toBeGreaterThan(1.5 * ink)
    await touch('touchEnd')
    await close()
  })
})

/** Canvas pixels per CSS px. */
function canvasDensity(page: Page): Promise<number> {
  return page.locator('#pad').evaluate((pad) => (pad as HTMLCanvasElement).width / pad.clientWidth)
}

/** How much of the pad is inked, 0..1. */
function inkShare(page: Page): Promise<number> {
  return page.locator('#pad').evaluate((pad) => {
    const { width, height } = pad as HTMLCanvasElement
    const { data } = (pad as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] }
    let inked = 0
    for (let i = 3; i < data.length; i += 4) inked += (data[i] ?? 0) / 255
    return inked / (width * height)
  })
}

/** Mean of red, green and blue where there is full ink, 0..255. */
function inkBrightness(page: Page): Promise<number> {
  return page.locator('#pad').evaluate((pad) => {
    const { width, height } = pad as HTMLCanvasElement
    const { data } = (pad as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] }
    for (let i = 3; i < data.length; i += 4) {
      if (data[i] === 255) return ((data[i - 3] ?? 0) + (data[i - 2] ?? 0) + (data[i - 1] ?? 0)) / 3
    }
    return Number.NaN
  })
}
