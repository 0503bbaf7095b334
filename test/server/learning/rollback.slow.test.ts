/** A rollback against a crowd, over HTTP, with everything in between. */

import { request } from 'node:http'
import { expect, it } from 'vitest'
import type { PredictResponse, TrainingResponse } from '../../../core/protocol.ts'
import { TOKEN } from '../corrections/corrections.ts'
import { copyOfTaught, serve } from './learning-server.ts'
import { picture } from './state.ts'

/** Sends JSON from a loopback address; the status and the answer. */
function send<Body>(url: string, body: object, from: string, token?: string): Promise<{ status: number; body: Body }> {
  const text = JSON.stringify(body)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(token && { authorization: `Bearer ${token}` }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', localAddress: from, agent: false, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(parts).toString()) }),
      )
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

it('holds against 1,000 corrections and confirmations of 250 networks, with labels that count at once, and a restart', async () => {
  const state = copyOfTaught()
  const env = { INKLING_TOKEN: TOKEN, INKLING_TEACHERS: 'anyone' }
  let server = await serve(state, env)
  await server.until(2)
  const rollback = (version: number) =>
    send(`${server.url}/api/v1/models/softmax/rollback`, { version }, '127.0.0.1', TOKEN)
  expect((await rollback(1)).status).toBe(200)
  for (let k = 0; k < 1000; k++) {
    const from = `127.0.${1 + (k % 5)}.${1 + (Math.floor(k / 5) % 50)}`
    const pixels = [...picture(k % 10, 5000 + k)].map((byte) => byte / 255)
    const { body } = await send<PredictResponse>(`${server.url}/api/v1/predict`, { pixels }, from)
    const label = k % 2 === 0 ? body.digit : (body.digit + 1) % 10
    const taught = await send(`${server.url}/api/v1/corrections`, { predictionId: body.id, label }, from)
    expect(taught.status).toBe(201)
    if (k === 500) {
      await server.stop('SIGKILL')
      server = await serve(state, env)
    }
  }
  const training = () => server.get<TrainingResponse>('/api/v1/training')
  await new Promise((next) => setTimeout(next, 2000)) // a round would have begun
  expect(await training()).toMatchObject({ state: 'idle', holds: ['softmax'], held: 1020 })
  expect(await server.versions()).toMatchObject({ served: 1, hold: { corrections: 1020 } })
  // and the owner can end it
  expect((await send(`${server.url}/api/v1/models/softmax/resume`, {}, '127.0.0.1', TOKEN)).status).toBe(200)
  await server.until(3)
})
