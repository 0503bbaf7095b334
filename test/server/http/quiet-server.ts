/**
 * A running server for requests of any kind, none of which may make it write to its log anything but hints; and requests to send to it.
 */

import { afterAll, beforeAll, expect } from 'vitest'
import { testWeights } from '../models/test-model.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { ONE } from './application.ts'
import { send } from './wire.ts'

export const DRAWING = JSON.stringify(ONE)
export const PREDICT = '/api/v1/predict'

/** Starts the server before the tests of a file, and stops it after them. */
export function quietServer() {
  let server: RunningServer
  let printed = ''
  beforeAll(async () => {
    server = await startServer({ INKLING_WEIGHTS: testWeights(), INKLING_RATE_LIMIT: '100000' })
    printed = server.output()
  })
  const isQuiet = () => expect(withoutHints(server.output())).toBe(printed)
  afterAll(async () => {
    isQuiet()
    expect(await server.stop()).toBe(0)
  })

  /** A request; `fields` come after Host. */
  const message = (start: string, fields: readonly string[] = [], body = '', host = `localhost:${server.port}`) =>
    [`${start} HTTP/1.1`, `Host: ${host}`, ...fields, '', body].join('\r\n')
  const post = (fields: readonly string[], body = '', host?: string) => message(`POST ${PREDICT}`, fields, body, host)
  const json = (...fields: string[]) =>
    post(['Content-Type: application/json', `Content-Length: ${DRAWING.length}`, ...fields], DRAWING)
  return {
    port: () => server.port,
    isQuiet,
    message,
    post,
    json,
    verdict: async (request: string) => (await send(server.port, request)).verdict,
  }
}

/** What a server printed, without the lines that name a setting which a request seems to lack. */
export function withoutHints(output: string): string {
  return output.replace(/^inkling: (refused the host name|\S+ seems to be a reverse proxy).*\n/gm, '')
}
