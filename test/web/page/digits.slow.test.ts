import { afterAll, beforeAll, expect } from 'vitest'
import { noData } from '../../data-sets.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { testUnless } from '../../skip.ts'
import { writtenDigits } from '../digits.ts'
import { describeInBrowser } from '../visit.ts'
import { rightAnswers } from './right-answers.ts'

describeInBrowser('digits drawn in the page stroke by stroke', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  for (const [hand, seed] of [
    ['mouse', 1],
    ['finger', 2],
  ] as const) {
    const title = `60 people wrote, with the ${hand}: at least 55 recognised, and the phone gives the same 60 answers`
    testUnless(noData, title, async () => {
      const right = await rightAnswers(browser(), server.url, writtenDigits(6, seed), hand)
      console.log(`${right} of 60 pendigits recognised, drawn with the ${hand}`)
      expect(right).toBeGreaterThanOrEqual(55)
    })
  }
})
