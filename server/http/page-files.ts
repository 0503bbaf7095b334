/** Reads the files of the built page into memory, once, with what answers need to know of them. Each is packed when it is first asked for. */

import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256 } from '../files/sha256.ts'

/** A file of the page as it is served. */
export interface PageFile {
  readonly path: string // URL path, '/' for index.html
  readonly type: string // Content-Type
  readonly sha256: string // of the content
  readonly immutable: boolean // its name changes with its content
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Packed with gzip; undefined where that is not much smaller. */
  gzip(): Uint8Array<ArrayBuffer> | undefined
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Types that are no smaller when they are packed: weights and pictures. */
const PACKED = new Set(['.png', '.safetensors', '.woff2'])

/** A file smaller than this is sent in as few packets when it is packed, bytes. */
const WORTH_PACKING = 1024

/** The files below `folder`; none where it does not exist. `assets/` holds those whose name changes with their content. */
export function readPage(folder: string): PageFile[] {
  return listFiles(folder).map((name) => {
    const bytes = readFileSync(join(folder, name))
    const worth = bytes.length >= WORTH_PACKING && !PACKED.has(extname(name))
    let packed: Uint8Array<ArrayBuffer> | undefined
    return {
      path: `/${name.split(sep).join('/')}`.replace(/\/index\.html$/, '/'),
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      sha256: sha256(bytes),
      immutable: name.startsWith(`assets${sep}`),
      bytes,
      // not at the start: it would take an old phone a third of a second
      gzip() {
        if (worth) packed ??= gzipSync(bytes)
        return packed && packed.length < 0.9 * bytes.length ? packed : undefined
      },
    }
  })
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
