/** The inflated data of a PNG: whole, or read in order in bounded pieces of work. Its length is that of the header, or it is refused. */

import { InputError } from '../errors.ts'
import type { Inflate, InflateReader } from './inflate.ts'

/**
 * All of it.
 * @param length bytes, from the header
 * @throws InputError 422 `bad_zlib`, `bad_pixel_count`
 */
export function inflateWhole(inflate: Inflate, parts: readonly Uint8Array[], length: number): Uint8Array {
  let data: Uint8Array
  try {
    data = inflate.whole(join(parts), length)
  } catch {
    throw badZlib(length)
  }
  if (data.length < length) throw tooShort(length, data.length)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength) // a Buffer would make the loops polymorphic and slower
}

/** Reads it in order. */
export class ImageDataReader {
  readonly #reader: InflateReader
  readonly #length: number
  #got = 0 // bytes

  constructor(inflate: Inflate, parts: readonly Uint8Array[], length: number) {
    this.#reader = inflate.open(parts)
    this.#length = length
  }

  /**
   * Fills `target` with the next bytes.
   * @throws InputError 422 `bad_zlib`, or `bad_pixel_count` where there are fewer
   */
  *fill(target: Uint8Array): Generator<void, void> {
    for (let at = 0; ; ) {
      if (at < target.length && this.#reader.ended) throw tooShort(this.#length, this.#got)
      const read = this.#read(at === 0 ? target : target.subarray(at))
      at += read
      if (at === target.length) return
      yield
    }
  }

  /**
   * Reads the end of the stream, behind the last byte.
   * @throws InputError 422 `bad_zlib` if there are more, or the stream does not end here, or its checksum is wrong
   */
  *end(): Generator<void, void> {
    const more = new Uint8Array(1)
    while (!this.#reader.ended) {
      if (this.#read(more) > 0) throw badZlib(this.#length)
      yield
    }
  }

  #read(target: Uint8Array): number {
    try {
      const read = this.#reader.read(target)
      this.#got += read
      return read
    } catch {
      throw badZlib(this.#length)
    }
  }
}

function badZlib(length: number): InputError {
  const expected = `one complete zlib stream of ${length} bytes`
  return new InputError(422, 'bad_zlib', `image data must be ${expected}, got something else`)
}

function tooShort(length: number, got: number): InputError {
  return new InputError(422, 'bad_pixel_count', `image data must inflate to ${length} bytes, got ${got} bytes`)
}

/** The bytes of all parts in order; copied only if there are several. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let to = 0
  for (const part of parts) {
    joined.set(part, to)
    to += part.length
  }
  return joined
}
