import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { testModels } from '../models.ts'
import { drawWithMouse } from '../pointer.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const SEVEN = ownDigits()[7]?.strokes ?? []

describeInBrowser('a page with many models', (browser) => {
  const models = testModels()
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_WEIGHTS: models, INKLING_MODEL: 'softmax' })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(models, { recursive: true })
  })

  test('the menu has the default first, then the others; a broken one can be read about but not chosen', async () => {
    const { page, complaints, close } = await visit(browser(), server.url)
    const options = await page
      .locator('#model option')
      .evaluateAll((all) => all.map((one) => [(one as HTMLOptionElement).value, (one as HTMLOptionElement).disabled]))
    expect(options).toEqual([
      ['softmax', false],
      ['contrary', false],
      ['dropout', false],
      ['large', false],
      ['broken', true],
    ])
    const [first, , , , broken] = await page.locator('#model option').allTextContents()
    expect(first).toMatch(/^Softmax regression · \d\d\.\d% · 31 kB$/)
    expect(broken).toMatch(/^broken: .{10,}$/)
    expect(broken).not.toContain('/')
    await close()
    expect(complaints).toEqual([])
  })

  test('a choice counts at once, here and on the phone, for the drawing on the pad too; a reload keeps it', async () => {
    const { page, complaints, predictions, close } = await visit(browser(), server.url)
    let lists = 0
    page.on('request', (request) => {
      if (request.url().endsWith('/api/v1/models')) lists += 1
    })
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    await page.locator('#model').selectOption('contrary')
    await expect.poll(() => page.locator('#digit').textContent()).toBe('8')
    expect(await agreedDigit(page)).toBe(8)
    await page.locator('#model').selectOption('softmax') // which is here already: its answer is there before the phone's
    expect(await agreedDigit(page)).toBe(7)
    await page.locator('#model').selectOption('contrary')
    expect(await agreedDigit(page)).toBe(8)
    expect(predictions.map(({ model, digit }) => [model, digit])).toEqual([
      ['softmax', 7],
      ['contrary', 8],
      ['softmax', 7],
      ['contrary', 8],
    ])
    expect(lists, 'the answer of one model was taken for a newer version of the other').toBe(0)
    expect(await page.locator('#model-facts').textContent()).toContain('Contrary model, version 1')
    expect(new URL(page.url()).hash).toBe('#model=contrary')

    await page.reload()
    await page.locator('#browser-facts dd').first().waitFor()
    expect(await page.locator('#model').inputValue()).toBe('contrary')
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(8)
    await page.locator('#model').selectOption('softmax')
    await expect.poll(() => page.locator('#digit').textContent()).toBe('7')
    expect(new URL(page.url()).hash).toBe('')
    await close()
    expect(complaints).toEqual([])
  })

  test('only what is chosen is fetched, and that once', async () => {
    const { page, close } = await visit(browser(), 'about:blank', { ready: false })
    const fetched = weightsFetched(page)
    await page.goto(server.url)
    for (const id of ['contrary', 'softmax', 'contrary'] as const) {
      await page.locator('#model').selectOption(id)
      await page.keyboard.press('Delete')
      await drawWithMouse(page, SEVEN)
      expect(await agreedDigit(page)).toBe(id === 'contrary' ? 8 : 7)
    }
    expect(fetched).toEqual(['softmax', 'contrary'])
    await close()
  })

  test('a model above 2 MB: its size is told, the phone answers alone, and it is fetched only on request', async () => {
    const { page, complaints, close } = await visit(browser(), `${server.url}/#model=large`, { ready: false })
    const fetched = weightsFetched(page)
    await drawWithMouse(page, SEVEN)
    await page.getByText('The phone says 7.', { exact: true }).waitFor()
    expect(await page.locator('#model-input').evaluate(inked)).toBe(true) // what the model sees needs no model
    expect(fetched).toEqual([])
    await page.getByRole('button', { name: 'Fetch 2.1 MB', exact: true }).click()
    expect(await agreedDigit(page)).toBe(7)
    expect(fetched).toEqual(['large'])
    expect(await page.locator('#download').isVisible()).toBe(false)
    await close()
    expect(complaints).toEqual([])
  })

  test('an address that names a model the phone does not have gives the default one', async () => {
    const { page, close } = await visit(browser(), `${server.url}/#model=no-such-model`)
    await drawWithMouse(page, SEVEN)
    expect(await agreedDigit(page)).toBe(7)
    expect(await page.locator('#model').inputValue()).toBe('softmax')
    await close()
  })

  test('when the chosen model is taken off the phone the page goes on with the default one, without a reload', async () => {
    const { page, close } = await visit(browser(), `${server.url}/#model=contrary`)
    const [folder, aside] = [join(models, 'contrary'), join(models, '.aside')]
    renameSync(folder, aside)
    try {
      await drawWithMouse(page, SEVEN)
      await page.waitForTimeout(1100) // the phone looks at its folder at most once a second
      await page.evaluate(() => dispatchEvent(new Event('online')))
      await expect.poll(() => page.locator('#digit').textContent()).toBe('7')
      expect(await agreedDigit(page)).toBe(7)
      expect(await page.locator('#model').inputValue()).toBe('softmax')
    } finally {
      renameSync(aside, folder)
    }
    await close()
  })
})

/** Ids of the models whose weights were fetched, in order. */
function weightsFetched(page: Page): string[] {
  const fetched: string[] = []
  page.on('request', (request) => {
    const [, id] = /models\/([^/]+)\/weights/.exec(request.url()) ?? []
    if (id) fetched.push(id)
  })
  return fetched
}

function inked(canvas: Element): boolean {
  const { width, height } = canvas as HTMLCanvasElement
  const image = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height)
  return image?.data.some((value, i) => i % 4 === 0 && value > 200) === true
}
