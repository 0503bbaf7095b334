/** Short simulations of faults: a few kills, swaps and disk faults. `npm run simulate` does many. */

import { describe, expect, it } from 'vitest'
import { DROPOUT, testModel, testWeights } from '../server/models/test-model.ts'
import { failDisk } from './disk.ts'
import { killWhileCorrecting, killWhileTraining } from './kill.ts'
import { swapUnderLoad } from './swaps.ts'

const PATIENCE = 120_000 // ms; alone on two cores each takes a sixth of that

describe('a server', () => {
  it(
    'killed 8 times while it is corrected starts within 5 s each time, has lost nothing, and comes to the same weights',
    async () => {
      const figures = await killWhileCorrecting(8, 'softmax')
      expect(figures).toMatchObject({ kills: 8, brokenStarts: 0, lost: 0, compared: 1, different: 0 })
      expect(figures.acknowledged).toBeGreaterThan(10)
    },
    PATIENCE,
  )

  it(
    'killed 5 times in a round of learning comes to the weights of one that was not',
    async () => {
      const figures = await killWhileTraining(5, 'softmax')
      expect(figures).toMatchObject({ kills: 5, brokenStarts: 0, lost: 0, different: 0 })
      expect(figures.compared).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'whose versions are swapped 60 times under load fails no request, and no answer is a mixture',
    async () => {
      const weights = testWeights(testModel('softmax', DROPOUT))
      const { failed, mixed, versions } = await swapUnderLoad(60, 'softmax', weights)
      expect({ failed, mixed }).toEqual({ failed: 0, mixed: 0 })
      expect(versions.map(([version]) => version)).toEqual([1, 2])
    },
    PATIENCE,
  )

  it(
    'whose disk fails goes on predicting, refuses corrections with 503, and needs no restart afterwards',
    async ({ skip }) => {
      const { figures, missing } = await failDisk(500, ['sync', 'no-names', 'unreadable'])
      for (const each of figures) expect(each).toMatchObject({ failed: 0, wrong: 0, lost: 0, learned: true })
      for (const { predictions } of figures) expect(predictions).toBeGreaterThan(0)
      // where reads fail, what SQLite has in memory may do for a correction
      for (const { fault, refused } of figures) if (!fault.startsWith('reads')) expect(refused).toBeGreaterThan(0)
      if (figures.length === 0) skip(missing.join('; '))
    },
    PATIENCE,
  )
})
