/** Rounds as they are in truth: on a thread, with kernels and checkpoints. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TrainingEvent, VersionSummary } from '../../../core/protocol.ts'
import { createThreadRunner } from '../../../server/learning/runner.ts'
import { picture, teach } from './state.ts'
import { closeHalfway, LABELS, learned, openThreaded, trusted } from './threaded.ts'

/** Which images are replayed stays there for the next round; a checkpoint does not. */
const isCheckpoint = (name: string) => name.includes('checkpoint')
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let whole: VersionSummary | undefined // of a round that nothing interrupts
beforeAll(async () => {
  whole = await learned(openThreaded())
})

describe('a round on the thread', () => {
  it('learns: of twenty drawings at least five more are answered right after than before', async () => {
    const place = openThreaded()
    const listener = place.learning.events.listen()
    const version = await learned(place)
    expect(version).toMatchObject({ version: 2, round: { verdict: 'promoted' } })
    const { before, after } = version?.round?.right ?? { before: 0, after: 0 }
    expect(after - before).toBeGreaterThanOrEqual(5)
    const right = LABELS.filter((label, i) => place.recognizer.recognize(picture(label, i), 'softmax').digit === label)
    expect(right.length).toBeGreaterThanOrEqual(after) // which counts the plausible ones
    const events = listener.take().events.map(({ event }) => event)
    const types = events.map(({ type }) => type)
    expect(types[0]).toBe('correction')
    expect(types).toContain('gate')
    expect(types.at(-1)).toBe('served')
    expect(events.find((event): event is TrainingEvent & { type: 'step' } => event.type === 'step')).toMatchObject({
      model: 'softmax',
      lessons: 20,
    })
  })

  it('comes to the same bytes for the same corrections, in any place, also without SIMD', async () => {
    process.env.INKLING_BACKEND = 'scalar'
    const other = await learned(openThreaded())
    process.env.INKLING_BACKEND = ''
    expect(other?.sha256).toBe(whole?.sha256)
  })

  it('stopped halfway is gone on with to the same bytes', async () => {
    const place = openThreaded()
    await closeHalfway(place)
    expect(readdirSync(join(place.state, 'training'))).toContain('1.checkpoint')
    const again = openThreaded({ state: place.state })
    again.trainer?.resume()
    await again.trainer?.idle()
    expect(again.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
    expect(readdirSync(join(place.state, 'training')).filter(isCheckpoint)).toEqual([])
  })

  it.each([
    ['damaged', (bytes: Buffer) => bytes.fill(7, bytes.length - 40)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 200)],
    ['empty', () => Buffer.alloc(0)],
  ])('with a checkpoint that is %s begins anew, to the same bytes', async (_, damage) => {
    const place = openThreaded()
    teach(place.store, LABELS)
    place.learning.notice()
    const file = join(place.state, 'training/1.checkpoint')
    while (!existsSync(file)) await sleep(5)
    await place.close()
    writeFileSync(file, damage(readFileSync(file)))
    const again = openThreaded({ state: place.state })
    again.trainer?.resume()
    await again.trainer?.idle()
    expect(again.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
  })

  it('whose images are gone fails with a reason, and the server goes on', async () => {
    const place = openThreaded({ trusted: () => ({ ...trusted, file: '/nonexistent/images' }) })
    await learned(place)
    expect(place.learning.state().rounds[0]).toMatchObject({
      verdict: 'failed',
      reason: 'a file cannot be read or written (ENOENT)',
    })
    expect(place.recognizer.recognize(picture(1, 1), 'softmax').version).toBe(1)
  })

  it('whose thread dies fails, and a new thread does the next one', async () => {
    const url = new URL(`data:text/javascript,setTimeout(() => process.exit(3), 20)`)
    const dying = createThreadRunner(url)
    const ended = await dying.run({ type: 'prepare', trusted, duty: 1 }, () => {}).ended
    expect(ended).toEqual({ type: 'failed', reason: 'the learning thread ended' })
    const throwing = createThreadRunner(new URL(`data:text/javascript,throw new Error('a bug')`))
    expect(await throwing.run({ type: 'prepare', trusted, duty: 1 }, () => {}).ended).toMatchObject({ type: 'failed' })
  })
})
