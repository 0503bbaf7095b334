/** Learning in this process with a thread of its own, as in a server, for tests. */

import { afterAll } from 'vitest'
import { createThreadRunner } from '../../../server/learning/runner.ts'
import { testWeights } from '../models/model.ts'
import { openPlace, preparedReplaySet, teach } from './state.ts'

export const LABELS: readonly number[] = Array.from({ length: 20 }, (_, i) => i % 10)

export const trusted = preparedReplaySet()
export const weights = testWeights()

const opened: { close(): Promise<void> }[] = []
afterAll(async () => {
  for (const place of opened) await place.close()
})

/** A place with a thread, closed at the end of the file. */
export function openThreaded(changes: Parameters<typeof openPlace>[0] = {}) {
  const runner = createThreadRunner()
  const place = openPlace({ runner, weights, trusted: () => trusted, interval: 20, ...changes })
  opened.push(place)
  return { ...place, runner }
}

export type ThreadedPlace = ReturnType<typeof openThreaded>

/** The version served after a round of learning from drawings of these labels. */
export async function learned(place: ThreadedPlace, labels = LABELS) {
  teach(place.store, labels)
  place.learning.notice()
  await place.trainer?.idle()
  const { served, versions } = place.learning.versions('softmax')
  return versions.find(({ version }) => version === served)
}

/** Starts a round and closes the place once it has made a step: a checkpoint is left. Returns how long closing took, ms. */
export async function closeHalfway(place: ThreadedPlace): Promise<number> {
  teach(place.store, LABELS)
  place.learning.notice()
  const listener = place.learning.events.listen()
  while (!listener.take().events.some(({ event }) => event.type === 'step' && event.step > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const asked = performance.now()
  await place.close()
  return performance.now() - asked
}
