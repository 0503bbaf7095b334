/** Measures the time from one correction to predictions with new weights, and its parts. */

import type { PredictResponse, RoundProgress } from '../../core/protocol.ts'
import { type Connection, sleep, trainingOf } from './connection.ts'
import { STROKES } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

/** Times, s. */
export interface Speed {
  readonly model: string
  readonly round: string
  readonly served: number // from the request to a prediction by the new version
  readonly collecting: number // until the round begins
  readonly preparing: number
  readonly training: number
  readonly gate: number // with all that follows
}

/** Measures two corrections on a new installation, and one after a restart. */
export async function measureSpeed(model: string): Promise<Speed[]> {
  const state = newFolder('speed')
  const speeds: Speed[] = []
  let drawing = 0
  for (const rounds of [['first of all', 'second'], ['first after a restart']]) {
    const subject = startSubject(state, { INKLING_MODEL: model })
    await subject.ready
    await sleep(1500) // until the work after a start is done
    for (const round of rounds)
      speeds.push({ model, round, ...(await teachOne(subject.owner(), subject.connect(), drawing++)) })
    await subject.end('SIGTERM')
  }
  return speeds
}

async function teachOne(owner: Connection, watcher: Connection, digit: number) {
  const predict = () => owner.json<PredictResponse>('POST', '/api/v1/predict', STROKES[digit])
  const { id: predictionId, version } = await predict()
  const began = performance.now()
  const since: Partial<Record<RoundProgress['phase'], number>> = {}
  const at = () => (performance.now() - began) / 1000
  await owner.json('POST', '/api/v1/corrections', { predictionId, label: digit })
  let done = false
  const watch = async () => {
    for (; !done; await sleep(10)) {
      const { round } = await trainingOf(watcher)
      // the progress is that of the last report
      if (round) since[round.phase] ??= at()
    }
  }
  const watching = watch()
  while ((await predict()).version === version) {
    if (at() > 120) throw new Error(`nothing new is served: ${JSON.stringify((await trainingOf(owner)).rounds[0])}`)
    await sleep(10)
  }
  const served = at()
  done = true
  await watching
  // a phase that began and ended between two requests counts as 0
  const { gate = served } = since
  const { training = gate } = since
  const { preparing = training } = since
  const parts = {
    collecting: preparing,
    preparing: training - preparing,
    training: gate - training,
    gate: served - gate,
  }
  return { served, ...parts }
}
