/** A web server that knows nothing of Inkling and serves a built page below a path, as any host of static files does. */

import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const BUILT_PAGE = fileURLToPath(new URL('../../build/web', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface PageHost {
  readonly origin: string
  readonly url: string // of the page
  readonly port: number
  close(): void
}

/**
 * @param headers more fields of every answer
 * @param secure certificate and key: then it speaks https
 */
export async function hostPage(
  folder = BUILT_PAGE,
  path = '/pages/inkling/',
  headers: Readonly<Record<string, string>> = {},
  secure?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<PageHost> {
  const answer: RequestListener = ({ url = '' }, response) => {
    const [asked] = url.split('?')
    const name = asked.slice(path.length) || 'index.html'
    try {
      if (!asked.startsWith(path)) throw new Error('outside')
      const content = readFileSync(join(folder, name))
      response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain', ...headers }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  }
  const server = secure ? createSecureServer(secure, answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `${secure ? 'https' : 'http'}://localhost:${port}`
  return {
    origin,
    url: origin + path,
    port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
