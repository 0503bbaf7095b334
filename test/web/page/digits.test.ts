import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { ownDigits } from '../digits.ts'
import { describeInBrowser } from '../visit.ts'
import { rightAnswers } from './right-answers.ts'

describeInBrowser('digits drawn in the page stroke by stroke', (browser) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(() => server?.stop())

  test('ten of our own, with the mouse: all recognised, and the phone gives the very same answers', async () => {
    expect(await rightAnswers(browser(), server.url, ownDigits(), 'mouse')).toBe(10)
  })

  test('ten of our own, with a finger at 3 device pixels per px: all recognised, the same answers', async () => {
    expect(await rightAnswers(browser(), server.url, ownDigits(), 'finger')).toBe(10)
  })
})
