/** Rounds as they are in truth: on a thread, with kernels, checkpoints, and processes that are killed. */

import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrainingEvent, VersionSummary } from '../../../core/protocol.ts'
import type { TrustedChoice } from '../../../server/learning/replay-set.ts'
import { createThreadRunner } from '../../../server/learning/runner.ts'
import { startProcess } from '../../child-processes.ts'
import { testWeights } from '../models/model.ts'
import { newFolder, openPlace, picture, teach, trustedPictures } from './state.ts'

const LEARNER = fileURLToPath(new URL('./learner.ts', import.meta.url))
const LABELS = Array.from({ length: 20 }, (_, i) => i % 10)
/** Which images are replayed stays there for the next round; a checkpoint does not. */
const isCheckpoint = (name: string) => name.includes('checkpoint')
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let trusted: TrustedChoice
let weights: string
let whole: VersionSummary | undefined // of a round that nothing interrupts
beforeAll(async () => {
  trusted = trustedPictures()
  weights = testWeights()
  whole = await learned(open())
})

/** A place with a thread, closed at the end. */
const opened: { close(): Promise<void> }[] = []
function open(changes: Parameters<typeof openPlace>[0] = {}) {
  const runner = createThreadRunner()
  const place = openPlace({ runner, weights, trusted: () => trusted, interval: 20, ...changes })
  opened.push(place)
  return { ...place, runner }
}
afterAll(async () => {
  for (const place of opened) await place.close()
})

async function learned(place: ReturnType<typeof open>, labels = LABELS) {
  teach(place.store, labels)
  place.learning.notice()
  await place.trainer?.idle()
  const { served, versions } = place.learning.versions('softmax')
  return versions.find(({ version }) => version === served)
}

/** How long a round that is under way takes to stop, ms. It leaves a checkpoint. */
async function stop(place: ReturnType<typeof open>): Promise<number> {
  teach(place.store, LABELS)
  place.learning.notice()
  const listener = place.learning.events.listen()
  while (!listener.take().events.some(({ event }) => event.type === 'step' && event.step > 0)) await sleep(5)
  const asked = performance.now()
  await place.close()
  const took = performance.now() - asked
  expect(readdirSync(join(place.state, 'training'))).toContain('1.checkpoint')
  return took
}

describe('a round on the thread', () => {
  it('learns: of twenty drawings at least five more are answered right after than before', async () => {
    const place = open()
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
    const other = await learned(open())
    process.env.INKLING_BACKEND = ''
    expect(other?.sha256).toBe(whole?.sha256)
  })

  it('answers stop within half a second, and is gone on with to the same bytes', async () => {
    let place = open()
    let took = await stop(place)
    // whatever else a machine does only adds time, so the least of a few tries is nearest to what a stop itself takes
    for (let tries = 1; took >= 500 && tries < 5; tries++) {
      place = open()
      took = Math.min(took, await stop(place))
    }
    expect(took).toBeLessThan(500)
    const again = open({ state: place.state })
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
    const place = open()
    teach(place.store, LABELS)
    place.learning.notice()
    const file = join(place.state, 'training/1.checkpoint')
    while (!existsSync(file)) await sleep(5)
    await place.close()
    writeFileSync(file, damage(readFileSync(file)))
    const again = open({ state: place.state })
    again.trainer?.resume()
    await again.trainer?.idle()
    expect(again.learning.versions('softmax').versions[0].sha256).toBe(whole?.sha256)
  })

  it('whose images are gone fails with a reason, and the server goes on', async () => {
    const place = open({ trusted: () => ({ ...trusted, file: '/nonexistent/images' }) })
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

describe('kill -9', () => {
  it('at 25 moments of a round: it ends with the same bytes, and nothing is left over', async () => {
    const template = newFolder('state')
    const place = openPlace({ state: template, weights })
    teach(place.store, LABELS)
    await place.close()
    let kills = 0
    let state = ''
    for (let k = 0; kills < 25; k++) {
      // a fresh round now and then, so that early moments are met too
      if (state === '') {
        state = newFolder('killed')
        cpSync(template, state, { recursive: true })
      }
      const delay = (k * 37) % 500 // ms after it has begun
      const { code, output } = await run(state, delay)
      if (code === null) {
        kills++
        continue
      }
      expect(output).toContain(whole?.sha256)
      expect(readdirSync(join(state, 'training')).filter(isCheckpoint)).toEqual([])
      expect(readdirSync(join(state, 'models/softmax'))).toEqual(['2'])
      state = ''
    }
    if (state !== '') expect((await run(state)).output).toContain(whole?.sha256)
  }, 180_000)
})

/** Runs a process that learns, to its end or until it is killed so many ms after it has begun. */
async function run(state: string, delay?: number): Promise<{ code: number | null; output: string }> {
  const child = startProcess(process.execPath, [LEARNER, state, weights, trusted.file])
  child.stderr.pipe(process.stderr, { end: false })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '' && delay !== undefined) setTimeout(() => child.kill('SIGKILL'), delay)
    output += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
