/** The shipped generator, made again. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { REPLAY_CARD, REPLAY_WEIGHTS, type ReplayCard } from '../../../server/learning/replay-generator.ts'
import { noData } from '../../data-sets.ts'
import { testUnless } from '../../skip.ts'
import { run } from '../command.ts'

testUnless(noData, 'inkling train --reproduce gives the shipped generator again, byte for byte', async () => {
  const card = JSON.parse(readFileSync(join(SHIPPED_MODELS, REPLAY_CARD), 'utf8')) as ReplayCard
  const { code, stdout } = await run(['train', '--reproduce', join(SHIPPED_MODELS, REPLAY_CARD)])
  expect(stdout).toBe(`same  ${card.weights.sha256}  ${REPLAY_WEIGHTS}\n`)
  expect(code).toBe(0)
})
