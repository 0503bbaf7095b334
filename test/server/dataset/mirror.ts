/** A mirror on this machine that answers each request for a path with the next of the behaviours it was given. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

export interface Mirror {
  readonly url: string // base, with its slash
  readonly requests: { path: string; range: string | undefined; ifRange: string | undefined }[]
  /** Sets what is answered for a path; the last behaviour is kept for all further requests. */
  on(path: string, ...behaviours: Behaviour[]): void
  close(): Promise<void>
}

export async function startMirror(): Promise<Mirror> {
  const paths = new Map<string, Behaviour[]>()
  const requests: Mirror['requests'] = []
  const server = createServer((request, response) => {
    const path = request.url?.slice(1) ?? ''
    requests.push({ path, range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined })
    const behaviours = paths.get(path) ?? []
    const behaviour = behaviours.length > 1 ? behaviours.shift() : behaviours[0]
    ;(behaviour ?? status(404))(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    on: (path, ...behaviours) => void paths.set(path, behaviours),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const TYPE = 'application/octet-stream'

/** The whole body whatever range is requested, as simple servers do. */
export function whole(body: Uint8Array, headers: Record<string, string> = {}): Behaviour {
  return (_, response) =>
    response.writeHead(200, { 'content-type': TYPE, 'content-length': body.length, ...headers }).end(body)
}

/** As a good server: honours Range if If-Range still matches, 416 past the end. */
export function ranged(body: Uint8Array, etag = '"1"'): Behaviour {
  return (request, response) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    if (!from || request.headers['if-range'] !== etag) return whole(body, { etag })(request, response)
    const start = Number(from[1])
    if (start >= body.length) return response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end()
    response.writeHead(206, {
      'content-type': TYPE,
      'content-length': body.length - start,
      'content-range': `bytes ${start}-${body.length - 1}/${body.length}`,
      etag,
    })
    return response.end(body.subarray(start))
  }
}

const ARRIVAL = 200 // ms for bytes to be read on the other side: what is still buffered when a connection breaks is lost

/** Announces everything, sends `bytes` and hangs up. */
export function cut(body: Uint8Array, bytes: number, etag = '"1"'): Behaviour {
  return (request, response) => {
    response.writeHead(200, { 'content-type': TYPE, 'content-length': body.length, etag })
    response.write(body.subarray(0, bytes))
    setTimeout(() => request.socket.destroy(), ARRIVAL)
  }
}

/** Sends `bytes` and then nothing more, with the connection open. */
export function silent(body: Uint8Array, bytes: number): Behaviour {
  return (_, response) => {
    response.writeHead(200, { 'content-type': TYPE, 'content-length': body.length, etag: '"1"' })
    response.write(body.subarray(0, bytes))
  }
}

export function status(code: number, body = 'no'): Behaviour {
  return (_, response) => response.writeHead(code, { 'content-type': 'text/plain' }).end(body)
}

export function html(type = 'text/html; charset=utf-8'): Behaviour {
  return (_, response) => response.writeHead(200, { 'content-type': type }).end('<!DOCTYPE html><title>Sign in</title>')
}
