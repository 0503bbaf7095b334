/** The page below a path, behind a proxy that strips it. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readQrCode } from '../../qr-codes.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { LAN_NAME } from '../chromium.ts'
import { type StrippingProxy, startStrippingProxy } from '../stripping-proxy.ts'
import { describeInBrowser, visit } from '../visit.ts'

const BUILT = fileURLToPath(new URL('../../../build/web', import.meta.url))

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
