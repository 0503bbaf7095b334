/** A server in use: its memory is the same after many rounds and requests as after few. `npm run load -- --soak 150000` does many more. */

import { expect } from 'vitest'
import { noProc } from '../server/process-usage.ts'
import { testUnless } from '../skip.ts'
import { growthOf, residentIn, soak } from './soak.ts'

/** Most that is resident then, bytes, the median: it is 245 to 270 MiB with two processors, less with more time between rounds. */
const MOST = 290 * 2 ** 20

testUnless(
  noProc,
  'after 9,000 requests with corrections, rounds, downloads and deletes a server takes at most 15 % more than after a half',
  async () => {
    const figures = await soak({
      requests: 9000,
      corrections: 60,
      sample: 200,
      teach: ['softmax', 'mlp-300-100', 'knn', 'cnn-small'],
      env: { INKLING_MODEL: 'softmax' },
    })
    const { samples, rounds, failed } = figures
    console.log(`${rounds} rounds, MiB: ${samples.map(({ resident }) => Math.round(resident / 2 ** 20)).join(' ')}`)
    expect(failed).toBe(0)
    expect(rounds).toBeGreaterThan(3)
    expect(growthOf(samples)).toBeLessThan(0.15)
    expect(residentIn(samples, 2)).toBeLessThan(MOST)
  },
  { timeout: 300_000 },
)
