/** Node's zlib, limited to exactly one complete stream of bounded size. */

import { inflateSync, type ZlibOptions } from 'node:zlib'
import type { Inflate } from '../../core/png/decode.ts'

/** Room beyond the longest output, bytes: zlib allocates a second buffer when the first is exactly full. */
const SLACK = 64

/**
 * It allocates one output buffer of `maxOutputLength` bytes (plus slack), whatever length the stream states. A longer stream
 * ends with an error when the buffer is full.
 * @throws Error where anything is wrong with the stream
 */
export const inflate: Inflate = (zlib, maxOutputLength) => {
  const { buffer, engine } = inflateWithInfo(zlib, { maxOutputLength, chunkSize: maxOutputLength + SLACK, info: true })
  // Node ignores bytes after the end of the stream; `bytesWritten` is the number of input bytes that it read.
  if (engine.bytesWritten !== zlib.length)
    throw new Error(`${zlib.length - engine.bytesWritten} bytes after the stream`)
  return buffer
}

/** `inflateSync` with `info`, whose return type is missing in Node's declarations. */
const inflateWithInfo = inflateSync as unknown as (
  zlib: Uint8Array,
  options: ZlibOptions,
) => { buffer: Uint8Array; engine: { bytesWritten: number } }
