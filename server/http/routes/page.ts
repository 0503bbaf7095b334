/** The page and its files, from memory. A Range is not needed for files this small: it is ignored, which is allowed. */

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Client, Deps } from '../dependencies.ts'
import { PAGE_HEADERS } from '../headers.ts'

/** One route per file: a path that names none is unknown, whatever it looks like. */
export function pageRoutes({ page }: Deps): Hono<{ Bindings: Client }> {
  const app = new Hono<{ Bindings: Client }>()
  for (const file of page) {
    app.get(file.path, etag(), (c) => {
      const packed = file.gzip && acceptsGzip(c.req.header('accept-encoding')) ? file.gzip : undefined
      for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value)
      c.header('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
      c.header('ETag', packed ? `"${file.sha256}-gzip"` : `"${file.sha256}"`)
      if (file.gzip) c.header('Vary', 'Accept-Encoding')
      if (packed) c.header('Content-Encoding', 'gzip')
      return c.body((packed ?? file.bytes) as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': file.type })
    })
  }
  return app
}

// browsers offer brotli over TLS only, and this server is met over plain http: gzip is what helps
function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((offer) => {
    const [coding, ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase())
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
