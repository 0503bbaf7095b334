/** The page and its files, from memory. A Range is ignored, as HTTP allows: files this small do not need it. */

import { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Client, Deps } from '../dependencies.ts'
import { answerFile } from '../downloads.ts'
import { PAGE_HEADERS } from '../headers.ts'

/** One route per file: every other path is unknown. */
export function pageRoutes({ page }: Deps): Hono<{ Bindings: Client }> {
  const app = new Hono<{ Bindings: Client }>()
  for (const file of page) {
    app.get(file.path, etag(), (c) => {
      const gzip = file.gzip()
      const packed = acceptsGzip(c.req.header('accept-encoding')) ? gzip : undefined
      const { type, immutable, sha256 } = file
      const bytes = packed ?? file.bytes
      const tag = packed ? `${sha256}-gzip` : sha256
      return answerFile(
        { type, bytes, tag, immutable },
        {
          ...PAGE_HEADERS,
          ...(gzip && { Vary: 'Accept-Encoding' }),
          ...(packed && { 'Content-Encoding': 'gzip' }),
        },
      )
    })
  }
  return app
}

// Not brotli: browsers accept it over TLS only, and this server speaks plain http.
function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((offer) => {
    const [coding, ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase())
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
