/** Gives a correction to a server over HTTP, as a visitor does, and reports what the model learned. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { PredictResponse, TrainingResponse, VersionsResponse } from '../../core/protocol.ts'

const ROUND_LIMIT = 480 // s, under emulation on a busy machine

/** A drawing that a model answers wrongly. */
export interface Mistake {
  readonly pixels: Uint8Array // [784]
  readonly label: number // 0..9, the right digit
}

export interface Learned {
  readonly version: number // that is served after the round
  readonly sha256: string // of its weights file
  readonly answer: string // of that version to the drawing: probabilities, as JSON
  readonly seconds: number // from the correction to the version
}

/**
 * Asks a model about the drawing, corrects the answer, and waits for the round to end.
 * @param watch called twice a second in the meantime
 * @throws Error when the answer was right, the correction is refused, or the round promotes nothing
 */
export async function correct(url: string, model: string, mistake: Mistake, watch: () => void): Promise<Learned> {
  const { label } = mistake
  const before = await predict(url, model, mistake)
  if (before.digit === label) throw new Error(`${model} answered ${label} before it was taught`)
  const started = performance.now()
  const response = await post(`${url}/api/v1/corrections`, { predictionId: before.id, label })
  if (response.status !== 201) throw new Error(`the correction got ${response.status} ${await response.text()}`)
  const { rounds } = await finished(url, watch)
  const seconds = (performance.now() - started) / 1000
  const { served, versions } = await get<VersionsResponse>(`${url}/api/v1/models/${model}/versions`)
  const sha256 = versions.find(({ version }) => version === served)?.sha256
  if (served === before.version || sha256 === undefined) {
    throw new Error(`${model} did not learn: ${rounds[0].verdict}, ${rounds[0].reason}`)
  }
  const { version, probabilities } = await predict(url, model, mistake)
  return { version, sha256, answer: JSON.stringify(probabilities), seconds }
}

async function finished(url: string, watch: () => void): Promise<TrainingResponse> {
  const end = performance.now() + ROUND_LIMIT * 1000
  while (performance.now() < end) {
    const state = await get<TrainingResponse>(`${url}/api/v1/training`)
    if (state.state === 'off') throw new Error(`learning is off: ${state.reason}`)
    if (state.rounds.length > 0) return state
    watch()
    await sleep(500)
  }
  throw new Error(`no round ended within ${ROUND_LIMIT} s`)
}

async function predict(url: string, model: string, { pixels }: Mistake): Promise<PredictResponse> {
  const body = { pixels: Array.from(pixels, (byte) => byte / 255) }
  return (await (await post(`${url}/api/v1/predict?model=${model}`, body)).json()) as PredictResponse
}

async function get<Body>(url: string): Promise<Body> {
  return (await (await fetch(url)).json()) as Body
}

function post(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}
