/** Servers that learn, each in a process of its own, for tests. */

import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'
import type { PredictResponse, VersionsResponse } from '../../../core/protocol.ts'
import { run as runCommand } from '../command.ts'
import { testWeights } from '../models/test-model.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { newFolder, openFixture, picture, teach } from './state.ts'

export const LABELS: readonly number[] = Array.from({ length: 20 }, (_, i) => i % 10)
export const weights = testWeights()

/** Runs a command without data sets. */
export const run = (words: readonly string[]) => runCommand(words, { INKLING_DATA: '/nonexistent' })

/** A state directory with corrections from which no model has learned. */
const taught = newFolder('taught')
const fixture = openFixture({ state: taught, weights })
teach(fixture.store, LABELS)
await fixture.close()

/** A copy of it. */
export function copyOfTaught(): string {
  const state = newFolder('state')
  cpSync(taught, state, { recursive: true })
  return state
}

const servers: RunningServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop('SIGKILL').catch(() => {})
})

/** Starts a server; it is killed at the end of the file at the latest. */
export async function serve(state: string, env: Record<string, string> = {}) {
  const server = await startServer({
    INKLING_STATE: state,
    INKLING_WEIGHTS: weights,
    INKLING_DATA: '/nonexistent',
    INKLING_RATE_LIMIT: 'off',
    ...env,
  })
  servers.push(server)
  const get = async <Body>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as Body
  const versions = () => get<VersionsResponse>('/api/v1/models/softmax/versions')
  const predict = async (label: number) => {
    const pixels = [...picture(label, 0)].map((byte) => byte / 255)
    const body = JSON.stringify({ pixels })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${server.url}/api/v1/predict`, init)
    expect(response.status).toBe(200)
    return (await response.json()) as PredictResponse
  }
  const until = async (version: number) => {
    while ((await versions()).served !== version) await sleep(50)
  }
  return { ...server, get, versions, predict, until }
}
