/** A folder with 10,000 folders in it: the list of models comes within a second, and others get their answers meanwhile. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelsResponse } from '../../../core/protocol.ts'
import { startServer } from '../running-server.ts'
import { testModel, testWeights } from './test-model.ts'

const COUNT = 10_000

const { card, bytes } = testModel('m')

/** What one of the folders holds, by the names of its files. */
const KINDS: readonly (readonly [string, (id: string) => Record<string, string | Uint8Array>])[] = [
  ['no model', () => ({})],
  ['a broken card', () => ({ 'card.json': '{"format":1}' })],
  ['a model of 31 kB', (id) => ({ 'card.json': JSON.stringify({ ...card, id }), [card.weights.file]: bytes })],
]

const timed = async (url: string) => {
  const started = performance.now()
  const answer = await fetch(url)
  const body = await answer.text()
  return { status: answer.status, body, took: performance.now() - started }
}

/** The longest time in which /livez answers until `work` is done, ms. */
async function longestAnswer(url: string, work: Promise<unknown>): Promise<number> {
  let [longest, done] = [0, false]
  void work.then(() => {
    done = true
  })
  while (!done) longest = Math.max(longest, (await timed(`${url}/livez`)).took)
  return longest
}

describe.each(KINDS)('10,000 folders with %s', (_, files) => {
  it('are listed within 1 s, the first time and after it, and no other answer takes longer than 0.25 s', async () => {
    const root = testWeights(testModel('softmax'))
    for (let k = 0; k < COUNT; k++) {
      const folder = join(root, `m${k}`)
      mkdirSync(folder)
      for (const [name, content] of Object.entries(files(`m${k}`))) writeFileSync(join(folder, name), content)
    }
    const server = await startServer({
      INKLING_WEIGHTS: root,
      INKLING_LEARNING: 'off',
      INKLING_DATA: mkdtempSync(join(tmpdir(), 'inkling-data-')),
    })
    // a busy machine: the best of three counts, for each of the two
    const took: number[] = []
    const others: number[] = []
    for (let k = 0; k < 3; k++) {
      const listing = timed(`${server.url}/api/v1/models`)
      others.push(await longestAnswer(server.url, listing))
      const { status, body, took: ms } = await listing
      took.push(ms)
      const { models, broken } = JSON.parse(body) as ModelsResponse
      expect([status, models.length + broken.length]).toEqual([200, COUNT + 1])
      await new Promise((resolve) => setTimeout(resolve, 1100)) // then it looks again
    }
    expect(took[0]).toBeLessThan(1000)
    expect(Math.min(...took.slice(1))).toBeLessThan(1000)
    expect(Math.min(...others)).toBeLessThan(250)
    expect(server.output().length).toBeLessThan(3000) // the log has 20 of them, and how many more there are
    await server.stop()
  })
})
