/** Rounds on a real thread, with kernels and checkpoints. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TrainingEvent, VersionSummary } from '../../../core/protocol.ts'
import { createLearningRunner } from '../../../server/learning/runner.ts'
import { picture, teach } from './state.ts'
import { closeHalfway, LABELS, learned, openThreaded, replaySet } from './threaded-learning.ts'

/** The list of images to replay stays for the next round; a checkpoint does not. */
const isCheckpoint = (name: string) => name.includes('checkpoint')

let whole: VersionSummary | undefined // of an uninterrupted round
beforeAll(async () => {
  whole = await learned(openThreaded())
})

describe('a round on the thread', () => {
  it('learns: of twenty drawings at least five more are answered right after than before', async () => {
    const fixture = openThreaded()
    const listener = fixture.learning.events.listen()
    const version = await learned(fixture)
    expect(version).toMatchObject({ version: 2, round: { verdict: 'promoted' } })
    const { before, after } = version?.round?.right ?? { before: 0, after: 0 }
    expect(after - before).toBeGreaterThanOrEqual(5)
    const right = LABELS.filter(
      (label, i) => fixture.recognizer.recognize(picture(label, i), 'softmax').digit === label,
    )
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

  it('makes the same bytes from the same corrections, in any folder, also without SIMD', async () => {
    process.env.INKLING_BACKEND = 'scalar'
    const other = await learned(openThreaded())
    process.env.INKLING_BACKEND = ''
    expect(other?.sha256).toBe(whole?.sha256)
  })

  it('that ended leaves no checkpoint after the next start, though the process died before it was removed', async () => {
    const fixture = openThreaded()
    await learned(fixture)
    const checkpoints = ['1.checkpoint', '1.checkpoint.tmp'].map((name) => join(fixture.state, 'training', name))
    for (const file of checkpoints) writeFileSync(file, 'left over')
    await openThreaded({ state: fixture.state }).close()
    expect(checkpoints.filter((file) => existsSync(file))).toEqual([])
  })

  it('stopped halfway is resumed to the same bytes', async () => {
    const fixture = openThreaded()
    await closeHalfway(fixture)
    expect(readdirSync(join(fixture.state, 'training'))).toContain('1.checkpoint')
    const again = openThreaded({ state: fixture.state })
    again.learner?.resume()
    await again.learner?.idle()
    expect(again.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
    expect(readdirSync(join(fixture.state, 'training')).filter(isCheckpoint)).toEqual([])
  })

  it.each([
    ['damaged', (bytes: Buffer) => bytes.fill(7, bytes.length - 40)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 200)],
    ['empty', () => Buffer.alloc(0)],
  ])('with a checkpoint that is %s begins again, to the same bytes', async (_, damage) => {
    const fixture = openThreaded()
    teach(fixture.store, LABELS)
    fixture.learning.notice()
    const file = join(fixture.state, 'training/1.checkpoint')
    while (!existsSync(file)) await sleep(5)
    await fixture.close()
    writeFileSync(file, damage(readFileSync(file)))
    const again = openThreaded({ state: fixture.state })
    again.learner?.resume()
    await again.learner?.idle()
    expect(again.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
  })

  it('whose images are gone fails with a reason, and the server still answers', async () => {
    const fixture = openThreaded({ replaySet: () => ({ ...replaySet, file: '/nonexistent/images' }) })
    await learned(fixture)
    expect(fixture.learning.state().rounds[0]).toMatchObject({
      verdict: 'failed',
      reason: 'a file cannot be read or written (ENOENT)',
    })
    expect(fixture.recognizer.recognize(picture(1, 1), 'softmax').version).toBe(1)
  })

  it('whose thread dies fails, and a new thread does the next one', async () => {
    const url = new URL(`data:text/javascript,setTimeout(() => process.exit(3), 20)`)
    const dying = createLearningRunner(url)
    const ended = await dying.run({ type: 'prepare', replaySet, duty: 1 }, () => {}).ended
    expect(ended).toEqual({ type: 'failed', reason: 'the learning thread ended' })
    const throwing = createLearningRunner(new URL(`data:text/javascript,throw new Error('a bug')`))
    expect(await throwing.run({ type: 'prepare', replaySet, duty: 1 }, () => {}).ended).toMatchObject({
      type: 'failed',
    })
  })
})
