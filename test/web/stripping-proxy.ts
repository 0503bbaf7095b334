/** A reverse proxy as `location /digits/ { proxy_pass http://127.0.0.1:8000/; }` of nginx makes one: it strips the path and changes Host. */

import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StrippingProxy {
  readonly url: string // http://localhost:<port><path>
  readonly port: number
  /** Paths that were asked for outside of the path: none of them reaches the server. */
  readonly strays: string[]
  close(): void
}

/**
 * @param path begins and ends with a slash
 * @param port of the server behind it
 */
export async function startStrippingProxy(path: string, port: number): Promise<StrippingProxy> {
  const strays: string[] = []
  const server: Server = createServer((incoming, outgoing) => {
    const { url = '', method = 'GET', headers } = incoming
    if (!url.startsWith(path)) {
      strays.push(url)
      outgoing.writeHead(404).end()
      return
    }
    const host = `127.0.0.1:${port}`
    const target = { host: '127.0.0.1', port, method, path: url.slice(path.length - 1), headers: { ...headers, host } }
    const upstream = request(target, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => upstream.destroy())
    incoming.pipe(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const own = (server.address() as AddressInfo).port
  return {
    url: `http://localhost:${own}${path}`,
    port: own,
    strays,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
