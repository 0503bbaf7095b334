import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inflate } from '../../../server/files/inflate.ts'

const DATA = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 3)
const STREAM = deflateSync(DATA)

/** The output of a stream in parts of `length` bytes, read into targets of `room` bytes. */
function readAll(stream: Uint8Array, length = stream.length, room = 65_536): Uint8Array {
  const parts = Array.from({ length: Math.ceil(stream.length / length) }, (_, k) =>
    stream.subarray(k * length, (k + 1) * length),
  )
  const reader = inflate.open([new Uint8Array(), ...parts])
  const pieces: Uint8Array[] = []
  while (!reader.ended) {
    const target = new Uint8Array(room)
    pieces.push(target.subarray(0, reader.read(target)))
  }
  return new Uint8Array(Buffer.concat(pieces))
}

describe('inflate at once', () => {
  it('gives the bytes of a stream as long as allowed, or shorter, down to none', () => {
    expect(new Uint8Array(inflate.whole(STREAM, 5000))).toEqual(DATA)
    expect(new Uint8Array(inflate.whole(STREAM, 1_000_000))).toEqual(DATA)
    expect(inflate.whole(deflateSync(new Uint8Array()), 1)).toHaveLength(0)
  })

  it('refuses a stream one byte longer than allowed', () => {
    expect(() => inflate.whole(STREAM, 4999)).toThrow()
  })
})

describe('inflate in pieces', () => {
  it('gives the bytes of a stream, however it is cut and however little room there is', () => {
    for (const [length, room] of [
      [STREAM.length, 65_536],
      [1, 1],
      [7, 4999],
      [STREAM.length - 1, 5000],
    ]) {
      expect(readAll(STREAM, length, room)).toEqual(DATA)
    }
    expect(readAll(deflateSync(new Uint8Array()))).toHaveLength(0)
  })

  it('gives the bytes of stored and of Huffman-coded blocks, with matches from 32 kB before', () => {
    const far = new Uint8Array(100_000).map((_, i) => ((i % 32_700) * 2_654_435_761) >>> 24)
    for (const options of [{ level: 0 }, { level: 9 }, { strategy: constants.Z_FIXED }, { level: 1, memLevel: 1 }]) {
      expect(readAll(deflateSync(far, options), 1000, 3000)).toEqual(far)
    }
  })

  it('reads at most 16 KiB of empty blocks in a piece', () => {
    const empty = Buffer.from('000000ffff', 'hex') // a stored block of no bytes
    const stream = Buffer.concat([STREAM.subarray(0, 2), ...Array(20_000).fill(empty), STREAM.subarray(2)])
    const reader = inflate.open([stream])
    const target = new Uint8Array(5000)
    let without = 0 // pieces without output
    while (reader.read(target) === 0) without++
    expect(without).toBe(6)
  })
})

describe.each([
  ['at once', (stream: Uint8Array) => inflate.whole(stream, 10_000)],
  ['in pieces', (stream: Uint8Array) => readAll(stream)],
  ['in pieces of a byte', (stream: Uint8Array) => readAll(stream, 1)],
])('inflate %s', (_, run) => {
  it('refuses bytes after the stream, be it one or another stream', () => {
    expect(() => run(Buffer.concat([STREAM, Buffer.of(0)]))).toThrow('1 bytes after the stream')
    expect(() => run(Buffer.concat([STREAM, STREAM]))).toThrow(`${STREAM.length} bytes after the stream`)
  })

  it('refuses a stream cut anywhere', () => {
    for (let length = 0; length < STREAM.length; length += 7) expect(() => run(STREAM.subarray(0, length))).toThrow()
    expect(() => run(STREAM.subarray(0, -1))).toThrow()
  })

  it('refuses a wrong Adler-32, a preset dictionary, gzip and raw deflate', () => {
    const wrong = Buffer.from(STREAM)
    wrong[wrong.length - 1] ^= 1
    expect(() => run(wrong)).toThrow()
    expect(() => run(deflateSync(DATA, { dictionary: Buffer.from('0123') }))).toThrow()
    expect(() => run(gzipSync(DATA))).toThrow()
    expect(() => run(deflateRawSync(DATA))).toThrow()
  })
})
