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

type Parts = Omit<Speed, 'model' | 'round'>

/** Measures two corrections on a new installation, and one after a restart; fewer of a model that knows the drawings already. */
export async function measureSpeed(model: string): Promise<Speed[]> {
  const state = newFolder('speed')
  const speeds: Speed[] = []
  let drawing = 0
  for (const rounds of [['first of all', 'second'], ['first after a restart']]) {
    const subject = startSubject(state, { INKLING_MODEL: model })
    await subject.ready
    await sleep(1500) // until the work after a start is done
    for (const round of rounds) {
      for (let parts: Parts | undefined; !parts; drawing++) {
        if (drawing === STROKES.length) break // it knows them all
        parts = await teachOne(subject.owner(), subject.connect(), drawing)
        if (parts) speeds.push({ model, round, ...parts })
      }
    }
    await subject.end('SIGTERM')
  }
  return speeds
}

/** Teaches a drawing; undefined where the model knows it already, so that there is nothing new. */
async function teachOne(owner: Connection, watcher: Connection, digit: number): Promise<Parts | undefined> {
  const predict = () => owner.json<PredictResponse>('POST', '/api/v1/predict', STROKES[digit])
  const { id: predictionId, version } = await predict()
  const roundsBefore = (await trainingOf(owner)).rounds.length
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
  let known = false
  while (!known && (await predict()).version === version) {
    const { rounds } = await trainingOf(owner)
    if (at() > 120) throw new Error(`nothing new is served: ${JSON.stringify(rounds[0])}`)
    known = rounds.length > roundsBefore && rounds[0].verdict === 'unchanged'
    await sleep(10)
  }
  const served = at()
  done = true
  await watching
  if (known) return undefined
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
