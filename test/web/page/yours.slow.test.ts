/**
 * How long learning in the browser takes, and how much of it is left to the page's own thread. Slow: it measures time, that of the
 * processor, as Linux counts it for each thread: what else the machine does changes it little.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { testUnless } from '../../skip.ts'
import { ownDigits } from '../digits.ts'
import { drawWithMouse } from '../pointer.ts'
import { describeInBrowser, visit } from '../visit.ts'

/** Visits of which the fastest counts. */
const VISITS = 2

/** Most time of the worker, ms: for the first drawing of a visit, taught right after its last stroke, and for others. */
const LIMITS = { 'cnn-small': { first: 1500, further: 500 }, cnn: { first: 4000, further: 1200 } } as const

/** Most time of the page's own thread for the same, ms: answers, the drawing of the next digit and what it shows. */
const PAGE = 400

/** ms of a tick of /proc. */
const TICK = 10

interface Spent {
  readonly worker: number // ms
  readonly page: number
}

describeInBrowser('what the visitor teaches', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_LEARNING: 'off' })
  })
  afterAll(() => server?.stop())

  /** The time that three drawings take, taught one after the other in one visit. */
  async function measure(model: string): Promise<Spent[]> {
    const { page, close } = await visit(browser(), `${server.url}/#model=${model}`)
    await page.waitForFunction(() => performance.getEntriesByName('learning worker started').length > 0)
    const spent: Spent[] = []
    for (const digit of [8, 3, 5]) {
      if (spent.length > 0) await page.locator('#clear').click()
      const before = timesOfRenderers()
      await drawWithMouse(page, ownDigits()[digit]?.strokes ?? [])
      await page.locator('#labels button[aria-disabled="false"]').first().waitFor()
      await page.keyboard.press(String((digit + 1) % 10))
      await expect
        .poll(() => page.locator('#yours-text').textContent(), { timeout: 120_000 })
        .toContain(`this browser has learned from ${spent.length + 1} drawing`)
      const after = timesOfRenderers()
      spent.push({ worker: after.worker - before.worker, page: after.page - before.page })
    }
    await close()
    return spent
  }

  for (const [model, limits] of Object.entries(LIMITS)) {
    const title = `takes at most ${limits.first} ms of the worker with ${model}, then ${limits.further} ms, and little of the page`
    testUnless(process.platform !== 'linux' && 'the times of threads are in /proc', title, async () => {
      const visits: Spent[][] = []
      for (let i = 0; i < VISITS; i++) visits.push(await measure(model))
      const least = (drawing: number, thread: keyof Spent) =>
        Math.min(...visits.map((spent) => spent[drawing]?.[thread] ?? Number.NaN))
      expect(least(0, 'worker')).toBeGreaterThan(0)
      expect(least(0, 'worker')).toBeLessThanOrEqual(limits.first)
      for (const drawing of [1, 2]) expect(least(drawing, 'worker')).toBeLessThanOrEqual(limits.further)
      for (const drawing of [0, 1, 2]) expect(least(drawing, 'page')).toBeLessThanOrEqual(PAGE)
    })
  }
})

/** Processor time of all pages of Chromium so far, ms: of their workers that learn, and of their own threads. */
function timesOfRenderers(): Spent {
  const spent = { worker: 0, page: 0 }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
        const end = stat.lastIndexOf(')')
        const name = stat.slice(stat.indexOf('(') + 1, end)
        const fields = stat.slice(end + 2).split(' ')
        const ms = TICK * (Number(fields[11]) + Number(fields[12])) // in user mode, and in the kernel
        if (name.startsWith('DedicatedWorker')) spent.worker += ms
        else if (thread === pid) spent.page += ms
      }
    } catch {
      // it has ended meanwhile
    }
  }
  return spent
}
