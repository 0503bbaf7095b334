import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../server/running-server.ts'
import { testUnless } from '../skip.ts'
import { findChromium, launchChromium } from './chromium.ts'
import { ownDigits } from './digits.ts'
import { drawWithMouse } from './pointer.ts'
import { agreedDigit, visit } from './visit.ts'

const PACKAGED_RUNS = process.platform === 'linux' && process.arch === 'x64'

describe('the browser for the tests', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('a name in INKLING_CHROMIUM that is no program is an error, not another browser', async () => {
    await expect(findChromium('/no/such/program')).rejects.toThrow('INKLING_CHROMIUM names no program')
  })

  const title = 'the one of the npm package needs nothing from the system and runs the page'
  testUnless(!PACKAGED_RUNS && 'it runs on x86-64 Linux only', title, async () => {
    const found = await findChromium('npm')
    expect(found.env).toHaveProperty('LD_LIBRARY_PATH')
    const browser = await launchChromium(found)
    const { page, complaints, close } = await visit(browser, server.url)
    await drawWithMouse(page, ownDigits()[2]?.strokes ?? [])
    expect(await agreedDigit(page)).toBe(2)
    await close()
    await browser.close()
    expect(complaints).toEqual([])
  })
})
