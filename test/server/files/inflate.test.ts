import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inflate } from '../../../server/files/inflate.ts'

const DATA = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 3)
const STREAM = deflateSync(DATA)

describe('inflate', () => {
  it('gives the bytes of a stream as long as allowed, or shorter, down to none', () => {
    expect(new Uint8Array(inflate(STREAM, 5000))).toEqual(DATA)
    expect(new Uint8Array(inflate(STREAM, 1_000_000))).toEqual(DATA)
    expect(inflate(deflateSync(new Uint8Array()), 1)).toHaveLength(0)
  })

  it('refuses a stream one byte longer than allowed', () => {
    expect(() => inflate(STREAM, 4999)).toThrow()
  })

  it('refuses bytes after the stream, be it one or another stream', () => {
    expect(() => inflate(Buffer.concat([STREAM, Buffer.of(0)]), 5000)).toThrow('1 bytes after the stream')
    expect(() => inflate(Buffer.concat([STREAM, STREAM]), 5000)).toThrow()
    expect(() => inflate(Buffer.concat([STREAM, STREAM]), 10_000)).toThrow()
  })

  it('refuses a stream cut anywhere', () => {
    for (let length = 0; length < STREAM.length; length += 7) {
      expect(() => inflate(STREAM.subarray(0, length), 5000)).toThrow()
    }
    expect(() => inflate(STREAM.subarray(0, -1), 5000)).toThrow()
  })

  it('refuses a wrong Adler-32, a preset dictionary, gzip and raw deflate', () => {
    const wrong = Buffer.from(STREAM)
    wrong[wrong.length - 1] ^= 1
    expect(() => inflate(wrong, 5000)).toThrow()
    expect(() => inflate(deflateSync(DATA, { dictionary: Buffer.from('0123') }), 5000)).toThrow()
    expect(() => inflate(gzipSync(DATA), 5000)).toThrow()
    expect(() => inflate(deflateRawSync(DATA), 5000)).toThrow()
  })
})
