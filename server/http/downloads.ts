/** Files that clients may keep: for how long, by which tag, and one copy in memory for all that fetch a file at the same time. */

import type { ExportedFile } from '../models/export.ts'
import { answer, type Fields } from './answer.ts'

/** A file as it is sent. */
export interface Download {
  readonly type: string // media type
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly filename?: string // to save it under; without it a browser shows the file
  readonly tag: string // ETag; another for other bytes
  readonly immutable: boolean // whether its address never gives other bytes
}

/** The answer that carries a file. Hono's `etag` in front of the route answers 304 to a client that has it. */
export function answerFile({ type, bytes, filename, tag, immutable }: Download, own: Fields = {}): Response {
  return answer(bytes, {
    'Content-Type': type,
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: `"${tag}"`,
    ...(filename !== undefined && attachment(filename)),
    ...own,
  })
}

/** The field that makes a browser save an answer as a file. */
export function attachment(filename: string): Fields {
  return { 'Content-Disposition': `attachment; filename="${filename}"` }
}

/**
 * @returns gives the file of a key. It is made again only where no answer that is still being sent holds its bytes, so slow
 *   readers cannot fill the memory with copies.
 */
export function createSharing(): (key: string, make: () => ExportedFile) => ExportedFile {
  const shared = new Map<string, Omit<ExportedFile, 'bytes'> & { readonly buffer: WeakRef<ArrayBuffer> }>()

  return (key, make) => {
    const found = shared.get(key)
    const buffer = found?.buffer.deref()
    if (found && buffer) return { filename: found.filename, type: found.type, bytes: new Uint8Array(buffer) }
    for (const [other, { buffer }] of shared) if (buffer.deref() === undefined) shared.delete(other)
    const { filename, type, bytes } = make()
    // a view of part of a buffer would keep all of it in memory, and all of it would be sent the next time
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
    shared.set(key, { filename, type, buffer: new WeakRef(own.buffer) })
    return { filename, type, bytes: own }
  }
}
