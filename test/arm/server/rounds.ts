/** Corrections over HTTP, and the rounds of learning that follow them. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { CorrectionResponse, PredictResponse, RoundReport, TrainingResponse } from '../../../core/protocol.ts'
import type { Mistake } from './mistakes.ts'
import { get, post, type Running } from './running.ts'

const ROUND_LIMIT = 1800 // s, under emulation on a busy machine; it only ends hangs

/**
 * Asks a model about the drawing and corrects the answer.
 * @throws Error when the answer was right, or the correction is refused
 */
export async function correct(server: Running, { model, pixels, label }: Mistake): Promise<void> {
  const { id, digit } = await post<PredictResponse>(server, `/api/v1/predict?model=${model}`, { pixels })
  if (digit === label) throw new Error(`${model} answered ${label} before it was taught`)
  await post<CorrectionResponse>(server, '/api/v1/corrections', { predictionId: id, label })
}

/**
 * Waits until so many rounds have ended. Returns the reports, the oldest first.
 * @param watch called twice a second in the meantime
 */
export async function roundsEnded(
  server: Running,
  count: number,
  watch: (state: TrainingResponse) => void = () => {},
): Promise<RoundReport[]> {
  return (await until(server, ({ rounds }) => rounds.length >= count, watch)).rounds.toReversed()
}

/** Resolves once a round of this model trains: in the middle of a round. To be called before the round begins. */
export async function roundTrains({ url }: Running, model: string): Promise<void> {
  const events = await fetch(`${url}/api/v1/training/events`, { signal: AbortSignal.timeout(ROUND_LIMIT * 1000) })
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of events.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(part, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    if (lines.some((line) => line.includes(`"model":"${model}"`) && line.includes('"phase":"training"'))) return
  }
  throw new Error('the stream of events ended')
}

async function until(
  server: Running,
  reached: (state: TrainingResponse) => boolean,
  watch: (state: TrainingResponse) => void = () => {},
): Promise<TrainingResponse> {
  const end = performance.now() + ROUND_LIMIT * 1000
  for (;;) {
    const state = await get<TrainingResponse>(server, '/api/v1/training')
    if (state.state === 'off') throw new Error(`learning is off: ${state.reason}`)
    if (reached(state)) return state
    if (performance.now() > end) throw new Error(`no round after ${ROUND_LIMIT} s: ${JSON.stringify(state)}`)
    watch(state)
    await sleep(500)
  }
}
