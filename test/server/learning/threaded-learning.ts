/** Learning in this process with a thread of its own, as in a server, for tests. */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { createLearningRunner } from '../../../server/learning/runner.ts'
import { testWeights } from '../models/test-model.ts'
import { openFixture, preparedReplaySet, teach } from './state.ts'

export const LABELS: readonly number[] = Array.from({ length: 20 }, (_, i) => i % 10)

export const replaySet = preparedReplaySet()
export const weights = testWeights()

const opened: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const fixture of opened) await fixture.close()
})

/** Opens learning with a thread; it is closed at the end of the file. */
export function openThreaded(changes: Parameters<typeof openFixture>[0] = {}) {
  const runner = createLearningRunner()
  const fixture = openFixture({
    runner,
    weights,
    replaySet: () => replaySet,
    interval: 20,
    teachers: 'anyone',
    ...changes,
  })
  opened.push(fixture)
  return { ...fixture, runner }
}

export type ThreadedFixture = ReturnType<typeof openThreaded>

/** Learns from drawings of these labels; the version that is served afterwards. */
export async function learned(fixture: ThreadedFixture, labels = LABELS) {
  teach(fixture.store, labels)
  fixture.learning.notice()
  await fixture.learner?.idle()
  const { served, versions } = fixture.learning.versions('softmax')
  return versions.find(({ version }) => version === served)
}

/** Starts a round and closes learning after its first step, which leaves a checkpoint. Returns how long closing took, ms. */
export async function closeHalfway(fixture: ThreadedFixture): Promise<number> {
  teach(fixture.store, LABELS)
  fixture.learning.notice()
  const listener = fixture.learning.events.listen()
  while (!listener.take().events.some(({ event }) => event.type === 'step' && event.step > 0)) {
    await sleep(5)
  }
  const closing = performance.now()
  await fixture.close()
  return performance.now() - closing
}
