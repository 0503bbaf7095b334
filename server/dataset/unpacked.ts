/** Reads data files as unpacked bytes, with their SHA-256. Files whose names end in .gz are unpacked. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CsvParser } from '../../core/data/csv.ts'
import type { Dataset } from '../../core/data/dataset.ts'
import { DataError } from '../../core/data/errors.ts'
import { IDX_HEADER, type IdxKind, parseIdxHeader } from '../../core/data/idx.ts'
import { namingFile } from './errors.ts'

const CHUNK = 262_144 // bytes read at a time

/** Name of the unpacked bytes: without folder and .gz. */
export function unpackedName(path: string): string {
  return basename(path).replace(/\.gz$/i, '')
}

/**
 * Passes on the unpacked bytes, piece by piece.
 * @param gzip whether the file is gzipped; by default as its name says
 * @returns their SHA-256, hexadecimal
 * @throws DataFileError cannot_read, bad_gzip, truncated; what `take` throws, with the file named
 */
export async function readUnpacked(
  path: string,
  take: (chunk: Uint8Array) => void,
  gzip = /\.gz$/i.test(path),
): Promise<string> {
  const hash = createHash('sha256')
  const drain = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      take(chunk)
    }
  }
  const source = createReadStream(path, { highWaterMark: CHUNK })
  try {
    await (gzip ? pipeline(source, createGunzip({ chunkSize: CHUNK }), drain) : pipeline(source, drain))
  } catch (error) {
    throw namingFile(error, (error as NodeJS.ErrnoException).syscall === undefined ? basename(path) : path)
  }
  return hash.digest('hex')
}

export interface Unpacked<T> {
  readonly content: T
  readonly sha256: string // of the unpacked bytes
}

/**
 * A whole IDX file. Memory is allocated once, for the size in its header: no more is read, however far a gzip stream expands.
 * @throws DataFileError as readUnpacked, and as parseIdxHeader, truncated, trailing_data
 */
export async function readIdx(path: string, kind: IdxKind): Promise<Unpacked<Uint8Array>> {
  let content = new Uint8Array(IDX_HEADER[kind])
  let [filled, length] = [0, 0] // bytes; length is 0 until the header has been read
  const take = (chunk: Uint8Array): void => {
    let rest = chunk
    if (length === 0) {
      const head = rest.subarray(0, content.length - filled)
      content.set(head, filled)
      filled += head.length
      rest = rest.subarray(head.length)
      if (filled < content.length) return
      length = parseIdxHeader(content, kind).length
      const whole = new Uint8Array(length)
      whole.set(content)
      content = whole
    }
    if (filled + rest.length > length)
      throw new DataError('trailing_data', `more than the ${length} bytes it announces`)
    content.set(rest, filled)
    filled += rest.length
  }
  const sha256 = await readUnpacked(path, take)
  try {
    if (length === 0) parseIdxHeader(content.subarray(0, filled), kind) // throws: shorter than a header
    if (filled < length) throw new DataError('truncated', `expected ${length} bytes, got ${filled}`)
  } catch (error) {
    throw namingFile(error, basename(path))
  }
  return { content, sha256 }
}

/** A whole CSV file. Throws DataFileError as readUnpacked, and as CsvParser. */
export async function readCsv(path: string): Promise<Unpacked<Dataset>> {
  const parser = new CsvParser()
  const sha256 = await readUnpacked(path, (chunk) => parser.push(chunk))
  try {
    return { content: parser.end(), sha256 }
  } catch (error) {
    throw namingFile(error, basename(path))
  }
}
