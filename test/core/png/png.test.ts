import { deflateSync, crc32 as nodeCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { atOnce } from '../../../core/picture/at-once.ts'
import { crc32 } from '../../../core/png/crc32.ts'
import { decodePng } from '../../../core/png/decode.ts'
import { inflate } from '../../../server/files/inflate.ts'
import {
  chunk,
  chunksOf,
  encode,
  expectedPixels,
  FORMATS,
  file,
  ihdr,
  type Picture,
  samplesPerPixel,
  visible,
} from './writer.ts'

const ANY_SIZE = { minSide: 1 }

/** Pictures of one format, small but for all of Adam7's passes, with rows of all filters. */
function pictures({ colour, depth }: { colour: number; depth: number }, interlaced: boolean): fc.Arbitrary<Picture> {
  const perPixel = samplesPerPixel(colour)
  return fc
    .record({
      width: fc.integer({ min: 1, max: 20 }),
      height: fc.integer({ min: 1, max: 20 }),
      entries: fc.integer({ min: 1, max: 2 ** Math.min(depth, 8) }),
      filters: fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
      keyed: fc.boolean(),
      flat: fc.boolean(),
    })
    .chain(({ width, height, entries, filters, keyed, flat }) => {
      const most = colour === 3 ? entries - 1 : 2 ** depth - 1
      const count = width * height * perPixel
      const types = Array.from({ length: 8 * height }, () => filters.next().value ?? 0)
      const sample = flat ? fc.constantFrom(0, most) : fc.integer({ min: 0, max: most })
      return fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        colour: fc.constant(colour),
        depth: fc.constant(depth),
        interlaced: fc.constant(interlaced),
        samples: fc.array(sample, { minLength: count, maxLength: count }),
        filters: fc.constant((row: number) => types[row]),
        ...(colour === 3 ? { palette: bytes(3 * entries) } : {}),
        ...(keyed && colour === 3 ? { transparency: bytes(entries) } : {}),
        ...(keyed && (colour === 0 || colour === 2) ? { transparency: fc.constant(Array(perPixel).fill(most)) } : {}),
      })
    })
}

function bytes(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })
}

describe('decodePng', () => {
  for (const format of FORMATS) {
    for (const interlaced of [false, true]) {
      const name = `colour type ${format.colour}, ${format.depth} bits${interlaced ? ', Adam7' : ''}`
      it(`gives the pixels written, and pngjs the same, on 60 random pictures of ${name}`, () => {
        fc.assert(
          fc.property(pictures(format, interlaced), (picture) => {
            const png = encode(picture)
            const raster = atOnce(decodePng(png, inflate, ANY_SIZE))
            expect([raster.width, raster.height, raster.channels]).toEqual([picture.width, picture.height, 4])
            expect(raster.data).toEqual(expectedPixels(picture))
            expect(visible(raster.data)).toEqual(visible(PNG.sync.read(Buffer.from(png)).data))
          }),
          { numRuns: 60 },
        )
      })
    }
  }

  it('reads everything pngjs can write: 4 colour types, 2 depths, each filter and the adaptive choice', () => {
    for (const colorType of [0, 2, 4, 6] as const) {
      for (const bitDepth of [8, 16] as const) {
        for (const filterType of [-1, 0, 1, 2, 3, 4]) {
          const image = new PNG({ width: 31, height: 17 })
          const samples = Array.from({ length: 31 * 17 * 4 }, (_, i) => (i * i * 7 + i) % 256)
          if (bitDepth === 8) image.data.set(samples)
          else image.data = Uint16Array.from(samples, (v) => v * 255) as unknown as Buffer
          const png = PNG.sync.write(image, { colorType, bitDepth, inputColorType: 6, filterType })
          const raster = atOnce(decodePng(png, inflate))
          expect(visible(raster.data)).toEqual(visible(PNG.sync.read(png).data))
        }
      }
    }
  })

  it('rounds all 65,536 16-bit values as floor(v * 255 / 65535 + 0.5)', () => {
    const samples = Uint16Array.from({ length: 65_536 }, (_, v) => v)
    const { data } = atOnce(decodePng(encode({ width: 256, height: 256, colour: 0, depth: 16, samples }), inflate))
    const rounded = samples.map((v) => Math.floor((v * 255) / 65535 + 0.5))
    expect(Uint16Array.from(samples, (_, i) => data[4 * i])).toEqual(rounded)
  })

  it('compares the transparent colour at full depth: of two 16-bit values that round alike, one is transparent', () => {
    const samples = Array.from({ length: 64 }, (_, i) => 0x8000 + (i % 2))
    const picture = { width: 8, height: 8, colour: 0, depth: 16, samples, transparency: [0x8001] }
    const { data } = atOnce(decodePng(encode(picture), inflate))
    expect([...data.slice(0, 8)]).toEqual([128, 128, 128, 255, 128, 128, 128, 0])
  })

  it('uses only as many bits of the transparent colour as samples have', () => {
    const samples = Array.from({ length: 64 }, (_, i) => i % 4)
    const [header, ...rest] = chunksOf({ width: 8, height: 8, colour: 0, depth: 2, samples })
    const { data } = atOnce(decodePng(file(header, chunk('tRNS', [0xff, 0xfe]), ...rest), inflate))
    expect([data[3], data[7], data[11], data[15]]).toEqual([255, 255, 0, 255])
  })

  it('ignores ancillary chunks, known or not, and suggested palettes', () => {
    const picture = { width: 8, height: 8, colour: 2, depth: 8, samples: Array.from({ length: 192 }, (_, i) => i) }
    const [header, data, end] = chunksOf(picture)
    const odd = ['gAMA', 'iCCP', 'zTXt', 'eXIf', 'acTL', 'quUX'].map((type) => chunk(type, [1, 2, 3]))
    const png = file(header, ...odd, chunk('PLTE', [9, 9, 9]), chunk('hIST'), data, chunk('tIME'), chunk('tEXt'), end)
    expect(atOnce(decodePng(png, inflate)).data).toEqual(expectedPixels(picture))
  })

  it.each([
    ['before the data', [0, 1]],
    ['after the data', [1, 0]],
  ])('turns a picture as its eXIf chunk asks for, %s', (_, [before, after]) => {
    const picture = { width: 9, height: 8, colour: 0, depth: 8, samples: Array.from({ length: 72 }, (_, i) => i) }
    const [header, data, end] = chunksOf(picture)
    // one entry, Orientation: a SHORT, 6: the first row is the right side
    const exif = chunk('eXIf', Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex'))
    const png = file(header, ...Array(after).fill(exif), data, ...Array(before).fill(exif), end)
    const raster = atOnce(decodePng(png, inflate))
    expect([raster.width, raster.height]).toEqual([8, 9])
    expect([raster.data[0], raster.data[4 * 7], raster.data[4 * 8]]).toEqual([63, 0, 64])
    const reduced = atOnce(decodePng(png, inflate, { maxWhole: 0 }))
    expect(reduced).toEqual(raster)
  })

  it('ignores an eXIf chunk that is malformed, and the second of two', () => {
    const picture = { width: 9, height: 8, colour: 0, depth: 8, samples: Array.from({ length: 72 }, (_, i) => i) }
    const [header, data, end] = chunksOf(picture)
    const turned = chunk('eXIf', Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex'))
    for (const wrong of [
      '',
      '4d4d',
      '4d4d002a7fffffff0001',
      '4d4d002a00000008ffff0112',
      '49492a0008000000010012010300',
    ]) {
      const png = file(header, chunk('eXIf', Buffer.from(wrong, 'hex')), turned, data, end)
      expect(atOnce(decodePng(png, inflate)).data).toEqual(expectedPixels(picture))
    }
  })

  it('joins image data cut into single bytes and empty chunks', () => {
    const picture = {
      width: 9,
      height: 8,
      colour: 6,
      depth: 8,
      samples: Array.from({ length: 288 }, (_, i) => i % 256),
    }
    const [header, data, end] = chunksOf(picture)
    const pieces = [...data.subarray(8, -4)].flatMap((byte) => [chunk('IDAT', [byte]), chunk('IDAT')])
    expect(atOnce(decodePng(file(header, ...pieces, end), inflate)).data).toEqual(expectedPixels(picture))
  })

  it('reads a view of a larger buffer without changing it, and returns a copy', () => {
    const png = encode({ width: 8, height: 8, colour: 6, depth: 8, samples: Array(256).fill(77) })
    const around = Buffer.alloc(png.length + 10, 0xee)
    around.set(png, 5)
    const before = Buffer.from(around)
    const { data } = atOnce(decodePng(around.subarray(5, 5 + png.length), inflate))
    expect(around).toEqual(before)
    around.fill(0)
    expect(data).toEqual(new Uint8Array(256).fill(77))
  })

  it('takes the largest picture, 1024 x 1024 RGBA, interlaced or not', () => {
    for (const [interlace, rows] of [
      [0, 1024],
      [1, 1920], // of Adam7's seven passes together
    ]) {
      const header = ihdr({ width: 1024, height: 1024, rest: [8, 6, 0, 0, interlace] })
      const zeros = deflateSync(new Uint8Array(4 * 1024 * 1024 + rows))
      const { width, height, data } = atOnce(decodePng(file(header, chunk('IDAT', zeros), chunk('IEND')), inflate))
      expect([width, height, data.length]).toEqual([1024, 1024, 4_194_304])
      expect(data.every((byte) => byte === 0)).toBe(true)
    }
  })
})

describe('crc32', () => {
  it("equals Node's on any 0 to 100 bytes anywhere in an array", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (bytes, start) => {
        const from = Math.min(start, bytes.length)
        expect(crc32(bytes, from, bytes.length) >>> 0).toBe(nodeCrc32(bytes.subarray(from)))
      }),
    )
  })
})
