/** The shipped generator: all images of the gate, and the generator made again. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelledImages } from '../../../core/learning/generator.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import {
  loadReplayGenerator,
  REPLAY_CARD,
  REPLAY_WEIGHTS,
  type ReplayCard,
} from '../../../server/learning/replay-generator.ts'
import { noData } from '../../data-sets.ts'
import { testUnless } from '../../skip.ts'
import { run } from '../command.ts'

testUnless(noData, 'inkling train --reproduce gives the shipped generator again, byte for byte', async () => {
  const card = JSON.parse(readFileSync(join(SHIPPED_MODELS, REPLAY_CARD), 'utf8')) as ReplayCard
  const { code, stdout } = await run(['train', '--reproduce', join(SHIPPED_MODELS, REPLAY_CARD)])
  expect(stdout).toBe(`same  ${card.weights.sha256}  ${REPLAY_WEIGHTS}\n`)
  expect(code).toBe(0)
})

test('the shipped generator has 5,000 different images for the gate, none of which is among the first 5,000 drawn', () => {
  const digests = ({ images }: { images: Uint8Array }) => {
    return Array.from({ length: 5000 }, (_, i) => sha256(images.subarray(i * 784, (i + 1) * 784)))
  }
  const replay = loadReplayGenerator()
  const gate = new Set(digests(replay.gate))
  expect(gate.size).toBe(5000)
  expect(digests(labelledImages(replay.draw, 5000)).filter((digest) => gate.has(digest))).toEqual([])
})
