/** Node's zlib, held to exactly one complete stream of bounded size. */

import { inflateSync, type ZlibOptions } from 'node:zlib'
import type { Inflate } from '../../core/png.ts'

/** More room than the longest output allowed, bytes: filling its buffer exactly makes zlib ask for a second one. */
const SLACK = 64

/**
 * One output buffer of `maxOutputLength` (plus slack) bytes is all it allocates, whatever the stream says of itself: a
 * longer stream is given up once that is full.
 * @throws Error whatever is wrong with the stream.
 */
export const inflate: Inflate = (zlib, maxOutputLength) => {
  const { buffer, engine } = inflateWithInfo(zlib, { maxOutputLength, chunkSize: maxOutputLength + SLACK, info: true })
  // Node stops quietly where the stream ends; its `bytesWritten` is what was read of the input.
  if (engine.bytesWritten !== zlib.length)
    throw new Error(`${zlib.length - engine.bytesWritten} bytes after the stream`)
  return buffer
}

/** `inflateSync` with `info`, whose return type Node's declarations do not tell. */
const inflateWithInfo = inflateSync as unknown as (
  zlib: Uint8Array,
  options: ZlibOptions,
) => { buffer: Uint8Array; engine: { bytesWritten: number } }
