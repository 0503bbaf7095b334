/** A file or standard input, of any size, as pieces of bytes; unpacked where it is gzip, whatever its name. */

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** Bytes read at a time. */
const CHUNK = 65_536

/** Bytes by which the kind of a file is told. */
const HEAD = 64

/** @param head the first 64 bytes, fewer of a shorter file; they are in `chunks` too */
export type TakeInput = (head: Uint8Array, chunks: AsyncIterable<Uint8Array>) => Promise<void>

/**
 * Hands the unpacked bytes to `take`, which may stop reading at any time by throwing.
 * @param path of a file, or - for standard input
 * @throws what `take` throws; errors of the file system and of zlib
 */
export async function readInput(path: string, take: TakeInput): Promise<void> {
  const source: AsyncIterable<Uint8Array> =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK })
  await withHead(source, async (head, chunks) => {
    if (head[0] !== 0x1f || head[1] !== 0x8b) return take(head, chunks)
    const unpack = (unpacked: AsyncIterable<Uint8Array>) => withHead(unpacked, take)
    return pipeline(Readable.from(chunks), createGunzip({ chunkSize: CHUNK }), unpack)
  })
}

/**
 * All bytes in one piece.
 * @param limit reading stops where there are more: the result is then longer than that, and not all
 */
export async function readWhole(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    length += chunk.length
    if (length > limit) break
  }
  return Buffer.concat(read, length)
}

async function withHead(source: AsyncIterable<Uint8Array>, take: TakeInput): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let length = 0
  while (length < HEAD) {
    const step = await iterator.next()
    if (step.done) break
    first.push(step.value)
    length += step.value.length
  }
  const head = Buffer.concat(first, length)
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield head
    for (;;) {
      const step = await iterator.next()
      if (step.done) return
      yield step.value
    }
  }
  try {
    await take(head.subarray(0, HEAD), chunks())
  } finally {
    await iterator.return?.()
  }
}
