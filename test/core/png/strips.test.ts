/** Decoding in strips, beside decoding the whole and reducing it afterwards by a box mean written down plainly. */

import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { atOnce } from '../../../core/picture/at-once.ts'
import { readDatastream } from '../../../core/png/datastream.ts'
import { decodePng } from '../../../core/png/decode.ts'
import type { Inflate } from '../../../core/png/inflate.ts'
import { PNG_LIMITS } from '../../../core/png/limits.ts'
import { decodeInStrips } from '../../../core/png/strips.ts'
import { Random } from '../../../core/random.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { difference, reduce } from './reduced.ts'
import { chunk, encode, FORMATS, file, ihdr, type Picture, samplesPerPixel } from './writer.ts'

const LIMITS = { ...PNG_LIMITS, minSide: 1 }

function picture(random: Random, { colour, depth }: (typeof FORMATS)[number], interlaced: boolean): Picture {
  const width = 1 + random.below(40)
  const height = 1 + random.below(40)
  const perPixel = samplesPerPixel(colour)
  const types = Array.from({ length: 8 * height }, () => random.below(5))
  const keyed = random.below(2) === 1
  const bytes = (count: number, most = 256) => Array.from({ length: count }, () => random.below(most))
  return {
    width,
    height,
    colour,
    depth,
    interlaced,
    samples: bytes(width * height * perPixel, random.below(2) ? 2 ** depth : 2),
    filters: (row) => types[row],
    ...(colour === 3 && { palette: bytes(3 * 2 ** depth) }),
    ...(keyed && colour === 3 && { transparency: bytes(2 ** depth) }),
    ...(keyed && (colour === 0 || colour === 2) && { transparency: Array(perPixel).fill(1) }),
  }
}

describe('decoding in strips', () => {
  it('gives a box mean of factor 1 to 4 to 1/2 a level (and 1/16 by alpha) on 240 pictures of all formats', () => {
    const random = new Random(11, 0)
    for (let n = 0; n < 8; n++) {
      for (const format of FORMATS) {
        for (const interlaced of [false, true]) {
          const png = encode(picture(random, format, interlaced))
          const whole = atOnce(decodePng(png, inflate, LIMITS))
          const factor = 1 + (n % 4)
          const reduced = atOnce(decodeInStrips(readDatastream(png, LIMITS), inflate, factor))
          expect(reduced.width).toBe(Math.ceil(whole.width / factor))
          expect(reduced.height).toBe(Math.ceil(whole.height / factor))
          expect(difference(reduced.data, reduce(whole, factor))).toBeLessThanOrEqual(0.5 + 1 / 16)
        }
      }
    }
  })

  it.each([
    ['1025 px wide', 1025, 30, 2],
    ['2048 px high', 29, 2048, 2],
    ['2049 px wide', 2049, 30, 3],
    ['4096 px high', 40, 4096, 4],
  ])('is what becomes of a picture %s', (_, width, height, factor) => {
    const row = Uint8Array.from({ length: 1 + width }, (_, x) => (x === 0 ? 0 : (x * 7) >> 4))
    const rows = Buffer.concat(Array(height).fill(row))
    const png = file(ihdr({ width, height }), chunk('IDAT', deflateSync(rows)), chunk('IEND'))
    const raster = atOnce(decodePng(png, inflate))
    expect([raster.width, raster.height]).toEqual([width, height].map((side) => Math.ceil(side / factor)))
    expect(Math.max(raster.width, raster.height)).toBeLessThanOrEqual(1024)
    const x = 5
    const mean = row.subarray(1 + x * factor, 1 + (x + 1) * factor).reduce((sum, v) => sum + v, 0) / factor
    expect(raster.data[4 * (3 * raster.width + x)]).toBe(Math.floor(mean + 0.5))
  })

  it('is what becomes of 1024 x 1024 px in 16 bits, which are not reduced', () => {
    const zeros = deflateSync(new Uint8Array(1024 * (1 + 8 * 1024)))
    const png = file(ihdr({ width: 1024, height: 1024, rest: [16, 6, 0, 0, 0] }), chunk('IDAT', zeros), chunk('IEND'))
    const { width, height } = atOnce(decodePng(png, inflate))
    expect([width, height]).toEqual([1024, 1024])
  })

  it('gives an opaque picture in 8 bits unchanged where the factor is 1', () => {
    const samples = Array.from({ length: 3000 }, (_, i) => (i * i) % 251)
    const png = encode({ width: 40, height: 25, colour: 2, depth: 8, samples })
    const raster = atOnce(decodeInStrips(readDatastream(png, LIMITS), inflate, 1))
    expect(raster).toEqual(atOnce(decodePng(png, inflate)))
  })

  it('inflates at most 64 KiB in a step, from at most 16 KiB of the file, and nothing before the file was checked', () => {
    const calls: number[] = [] // of each step, the bytes that it inflated
    const counting: Inflate = {
      whole: inflate.whole,
      open: (parts) => {
        const reader = inflate.open(parts)
        const read = (target: Uint8Array) => {
          const count = reader.read(target)
          calls[calls.length - 1] += count
          return count
        }
        return {
          get ended() {
            return reader.ended
          },
          read,
        }
      },
    }
    const rows = new Uint8Array(1100 * (1 + 3 * 1500))
    const png = file(
      ihdr({ width: 1500, height: 1100, rest: [8, 2, 0, 0, 0] }),
      chunk('IDAT', deflateSync(rows)),
      chunk('IEND'),
    )
    const work = decodePng(png, counting)
    do calls.push(0)
    while (!work.next().done)
    expect(calls[0]).toBe(0)
    expect(Math.max(...calls)).toBeLessThanOrEqual(65_536)
    expect(calls.reduce((sum, count) => sum + count)).toBe(rows.length)
  })
})
