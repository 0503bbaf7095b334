/** The page below a path, behind a proxy that strips it or keeps it. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SystemResponse } from '../../../core/protocol.ts'
import { readQrCode } from '../../qr-codes.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { LAN_NAME } from '../chromium.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { type StrippingProxy, startStrippingProxy } from '../stripping-proxy.ts'
import { agreedDigit, describeInBrowser, visit } from '../visit.ts'

const BUILT = fileURLToPath(new URL('../../../build/web', import.meta.url))
const SEVEN = ownDigits()[7]?.strokes ?? []

describe('the built page', () => {
  test.each(
    readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(html|css|js)$/.test(name)),
  )('%s has no address that begins with a slash', (name) => {
    const text = readFileSync(join(BUILT, name), 'utf8')
    const addresses = [
      /\s(?:src|href|action)="?(\/[^"> ]*)/g, // HTML
      /url\(["']?(\/[^)]*)/g, // CSS
      /["'`](\/(?:api|assets|livez|readyz|list|process|predict)\b[^"'`]*)/g, // JavaScript
    ]
    expect(addresses.flatMap((pattern) => [...text.matchAll(pattern)].map(([, address]) => address))).toEqual([])
  })
})

/** Draws, and waits until the phone agrees; confirms the answer; opens the stream of training events. */
async function useEverything(page: Page): Promise<void> {
  await drawWithMouse(page, SEVEN, 'slow')
  expect(await agreedDigit(page)).toBe(7)
  await page.locator('#right').click()
  await page.getByText('Kept: a 7, so the answer was right.').waitFor()
  await page.locator('#yours[data-kind="learned"]').waitFor() // by this browser, in its worker
  const events = page.waitForResponse((response) => response.url().includes('/api/v1/training/events'))
  await page.locator('#learning summary').click()
  expect((await events).headers()['content-type']).toBe('text/event-stream')
}

describeInBrowser('the page below a path', (browser) => {
  let server: RunningServer
  let proxy: StrippingProxy
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_HOSTS: LAN_NAME, INKLING_LEARNING: 'off' })
    proxy = await startStrippingProxy('/at/home/digits/', server.port)
  })
  afterAll(async () => {
    proxy?.close()
    await server?.stop()
  })

  // over plain http a browser says less of where a request comes from
  test.each([
    'localhost',
    LAN_NAME,
  ])('answers, teaches and watches the training behind a proxy that strips the path and changes Host, at %s', async (name) => {
    const { page, complaints, close } = await visit(browser(), proxy.url.replace('localhost', name))
    await useEverything(page)
    await close()
    expect(proxy.strays).toEqual([])
    expect(complaints.filter((text) => !/header|origin-keyed/.test(text))).toEqual([])
  })

  test('answers, teaches and watches the training below its own --base-path, to which its address without the slash leads', async () => {
    const kept = await startServer({ INKLING_BASE_PATH: '/digits', INKLING_LEARNING: 'off' })
    const { page, complaints, close } = await visit(browser(), `${kept.url}/digits`)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    expect(page.url()).toBe(`${kept.url}/digits/`)
    await useEverything(page)
    expect(asked.filter((path) => !path.startsWith('/digits/'))).toEqual([])
    expect(complaints).toEqual([])
    // at localhost the page shares what the server says of itself
    await page.locator('#share summary').click()
    const { addresses } = (await (await fetch(`${kept.url}/api/v1/system`)).json()) as SystemResponse
    if (addresses.length > 0) expect(await page.locator('#share-address').textContent()).toBe(addresses[0])
    await close()
    expect(await kept.stop()).toBe(0)
  })

  test('shares its address with the path, as text and as a code, but without a model', async () => {
    const url = `http://${LAN_NAME}:${proxy.port}/at/home/digits/`
    const { page, close } = await visit(browser(), `${url}#model=softmax`)
    await page.locator('#share summary').click()
    const code = page.locator('#share-code')
    await code.waitFor()
    expect(await readQrCode(await code.screenshot())).toBe(url)
    expect(await page.locator('#share-address').getAttribute('href')).toBe(url)
    await close()
  })
})
