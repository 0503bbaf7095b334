/** The same drawings, taught in the same order, come to the same weights in every browser as in Node: by their SHA-256. */

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPersonalLearner } from '../../../core/learning/personal.ts'
import { NOT_A_DIGIT } from '../../../core/learning/round.ts'
import { sha256Hex } from '../../../core/learning/sha256.ts'
import type { NetworkCard } from '../../../core/models/card.ts'
import { PREPROCESS_VERSION, preprocess } from '../../../core/preprocess.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'
import { nodeBackends } from '../../../server/backend.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { loadReplayGenerator } from '../../../server/learning/replay-generator.ts'
import { loadModel } from '../../../server/models/load.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { describeUnless } from '../../skip.ts'
import { findChromium, launchChromium } from '../chromium.ts'
import { ownDigits } from '../digits.ts'
import { type BrowserKind, type DrivenBrowser, FIREFOX, WEBKIT } from '../web-drivers.ts'

const MODELS = ['cnn-small', 'cnn']

const chromium = await findChromium().catch((error: Error) => error)

const CHROMIUM: BrowserKind = {
  name: 'Chromium',
  missing: chromium instanceof Error && chromium.message,
  async start() {
    if (chromium instanceof Error) throw chromium
    const browser = await launchChromium(chromium)
    const page = await browser.newPage()
    return {
      async open(url) {
        await page.goto(url)
      },
      ask: async (expression) => String(await page.evaluate(expression)),
      close: () => browser.close(),
    }
  },
}

/** As somebody may teach them: most truly, one as another digit, one as none. */
const LESSONS = ownDigits().map(({ strokes, label }, i) => ({
  number: i + 1,
  preprocess: PREPROCESS_VERSION,
  input: preprocess(rasterizeStrokes(strokes)),
  label: label === 3 ? 5 : label === 6 ? NOT_A_DIGIT : label,
}))

/** Puts the drawings into the database of the page. */
const KEEP = `new Promise((resolve, reject) => {
  const rows = ${JSON.stringify(LESSONS.map((row) => ({ ...row, input: [...row.input] })))}
  const opening = indexedDB.open('inkling', 1)
  opening.onerror = () => reject(opening.error)
  opening.onupgradeneeded = () => reject(new Error('the page has made no database'))
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('taught', 'readwrite')
    for (const row of rows) transaction.objectStore('taught').put({ ...row, input: Uint8Array.from(row.input) })
    transaction.oncomplete = () => resolve('kept')
    transaction.onabort = () => reject(transaction.error)
  }
})`

const READY = `Promise.resolve(document.querySelector('#browser-facts dd')?.textContent ?? '')`
const FACTS = `Promise.resolve(document.querySelector('#yours-facts').textContent)`
const VIOLATIONS = `new Promise((resolve) => {
  new ReportingObserver((reports) => resolve(reports.map(({ body }) => JSON.stringify(body)).join()), { types: ['csp-violation'], buffered: true }).observe()
  setTimeout(() => resolve(''), 200)
})`

let server: RunningServer
let expected: string[] = []

beforeAll(async () => {
  server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  const backends = await nodeBackends()
  const { draw } = loadReplayGenerator()
  expected = MODELS.map((id) => {
    const { card, data } = loadModel(join(SHIPPED_MODELS, id))
    const learning = createPersonalLearner(backends, { card: card as NetworkCard, data }, draw).learn(LESSONS)
    while (learning.advance());
    return sha256Hex(learning.result())
  })
})
afterAll(() => server?.stop())

for (const kind of [CHROMIUM, FIREFOX, WEBKIT]) {
  describeUnless(!process.env.CI && kind.missing, `ten drawings taught in ${kind.name}`, () => {
    test('come to the weights that they come to in Node', async () => {
      const browser = await kind.start()
      try {
        await browser.open(server.url)
        await wait(browser, READY, /./)
        expect(await browser.ask(KEEP)).toBe('kept')
        for (const [i, id] of MODELS.entries()) {
          // another query, so that the page is loaded anew
          await browser.open(`${server.url}/?${id}#model=${id}`)
          const facts = await wait(browser, FACTS, /SHA-256/)
          expect(facts).toContain('from version 1 and 10 drawings')
          expect(facts).toContain(`SHA-256 ${expected[i]}`)
        }
        if (kind === CHROMIUM) expect(await browser.ask(VIOLATIONS)).toBe('')
      } finally {
        await browser.close()
      }
    })
  })
}

/** Asks until the answer fits. */
async function wait(browser: DrivenBrowser, expression: string, pattern: RegExp): Promise<string> {
  let answer = ''
  await expect
    .poll(
      async () => {
        answer = await browser.ask(expression)
        return answer
      },
      { timeout: 300_000, interval: 200 },
    )
    .toMatch(pattern)
  return answer
}
