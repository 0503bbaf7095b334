/** Exactly one complete zlib stream of bounded size: at once by Node's zlib, or piece by piece by pako's, which can wait between two pieces. */

import { inflateSync, type ZlibOptions } from 'node:zlib'
import { Z_NO_FLUSH, Z_OK, Z_STREAM_END, ZStream, zlibInflate, zlibInflateInit } from 'pako'
import type { Inflate, InflateReader } from '../../core/png/inflate.ts'

/** Room beyond the longest output, bytes: zlib allocates a second buffer when the first is exactly full. */
const SLACK = 64

/** Input of one piece, bytes: it may be thousands of empty blocks without output. */
const INPUT = 16_384

export const inflate: Inflate = { whole, open }

/**
 * It allocates one output buffer of `maxOutputLength` bytes (plus slack), whatever length the stream states. A longer stream
 * ends with an error when the buffer is full.
 */
function whole(zlib: Uint8Array, maxOutputLength: number): Uint8Array {
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

/** Node's streams are asynchronous; pako is zlib itself in JavaScript. It needs some 60 kB besides input and target. */
function open(parts: readonly Uint8Array[]): InflateReader {
  const stream = new ZStream()
  zlibInflateInit(stream)
  let next = 0 // of the parts
  let left = 0 // bytes of the current part that the stream has not been offered yet
  let ended = false
  const read = (target: Uint8Array) => {
    while (stream.avail_in === 0 && (left > 0 || next < parts.length)) {
      if (left === 0) {
        stream.input = parts[next++]
        stream.next_in = 0
        left = stream.input.length
      }
      stream.avail_in = Math.min(left, INPUT)
      left -= stream.avail_in
    }
    stream.output = target as Uint8Array<ArrayBuffer>
    stream.next_out = 0
    stream.avail_out = target.length
    const status = zlibInflate(stream, Z_NO_FLUSH)
    if (status === Z_STREAM_END) {
      const after = stream.avail_in + left + parts.slice(next).reduce((sum, part) => sum + part.length, 0)
      if (after > 0) throw new Error(`${after} bytes after the stream`)
      ended = true
    } else if (status !== Z_OK) throw new Error(stream.msg || 'the stream is incomplete')
    return stream.next_out
  }
  return {
    get ended() {
      return ended
    },
    read,
  }
}
