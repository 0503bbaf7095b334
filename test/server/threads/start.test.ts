/** Worker threads and their jobs: progress, and every way in which a job ends. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { JobEnd } from '../../../server/threads/messages.ts'
import { createThread, type JobRunner } from '../../../server/threads/start.ts'
import type { TestJob } from './thread.ts'

const ENTRY = new URL('./thread.ts', import.meta.url)

let thread: JobRunner<TestJob, number, number>
const start = (options: { idle?: number; patience?: number } = {}) => {
  thread = createThread(ENTRY, { name: 'test thread', idle: 60_000, ...options })
}
afterEach(() => thread.close())

const end = (job: TestJob): Promise<JobEnd<number>> => thread.run(job, () => {}).ended

/** Stops a job once it has begun. */
async function stopped(job: TestJob): Promise<JobEnd<number>> {
  const running = thread.run(job, () => running.stop())
  return running.ended
}

const idOf = (ended: JobEnd<number>) => (ended.type === 'done' ? ended.result : expect.fail(JSON.stringify(ended)))

test('a job reports its progress in order, then its result', async () => {
  start()
  const numbers: number[] = []
  const ended = await thread.run({ type: 'count', to: 3 }, (number) => numbers.push(number)).ended
  expect(numbers).toEqual([1, 2, 3])
  expect(ended).toEqual({ type: 'done', result: expect.any(Number) })
})

test('a thread does the next job too, also after one that failed or was stopped', async () => {
  start({ patience: 60_000 })
  const id = idOf(await end({ type: 'count', to: 0 }))
  expect(await end({ type: 'read', path: '/no/such/file' })).toMatchObject({ type: 'failed' })
  expect(await stopped({ type: 'wait' })).toEqual({ type: 'stopped' })
  expect(idOf(await end({ type: 'count', to: 0 }))).toBe(id)
})

test('the reason of a failure names the error of the file system, but no path', async () => {
  start()
  const ended = await end({ type: 'read', path: '/no/such/file' })
  expect(ended).toEqual({ type: 'failed', reason: 'a file cannot be read or written (ENOENT)' })
})

test('a job that does not stop is terminated, and another thread does the next one', async () => {
  start({ patience: 1 })
  const id = idOf(await end({ type: 'count', to: 0 }))
  expect(await stopped({ type: 'hang' })).toEqual({ type: 'stopped' })
  expect(idOf(await end({ type: 'count', to: 0 }))).not.toBe(id)
})

test('a job whose thread exits or is closed has failed', async () => {
  start()
  const failed = { type: 'failed', reason: 'the test thread ended' }
  expect(await end({ type: 'exit' })).toEqual(failed)
  const running = thread.run({ type: 'hang' }, () => void thread.close())
  expect(await running.ended).toEqual(failed)
})

test('a thread without a job ends after its idle time, and a job that comes just then is done', async () => {
  start({ idle: 1 })
  const ids = new Set<number>()
  for (let wait = 0; wait < 8; wait++) {
    ids.add(idOf(await end({ type: 'count', to: 0 })))
    await sleep(wait)
  }
  expect(ids.size).toBeGreaterThan(1)
})
