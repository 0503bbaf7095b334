/**
 * Writes PNGs for tests: any colour type, depth, interlacing and row filter, and any wrong chunk one asks for. Written from
 * the specification and on Node's zlib and CRC, so that it shares nothing with the decoder it tests.
 */

import { crc32, deflateSync } from 'node:zlib'

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Every pair of colour type and depth the specification has. */
export const FORMATS: readonly { colour: number; depth: number }[] = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colour: 0, depth })),
  ...[8, 16].map((depth) => ({ colour: 2, depth })),
  ...[1, 2, 4, 8].map((depth) => ({ colour: 3, depth })),
  ...[8, 16].map((depth) => ({ colour: 4, depth })),
  ...[8, 16].map((depth) => ({ colour: 6, depth })),
]

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

export interface Picture {
  readonly width: number // px
  readonly height: number // px
  readonly colour: number // PNG colour type
  readonly depth: number // bits per sample
  readonly interlaced?: boolean
  readonly samples: ArrayLike<number> // row-major, SAMPLES[colour] per pixel, 0..2^depth-1
  readonly palette?: readonly number[] // 3 bytes per entry
  readonly transparency?: readonly number[] // tRNS in samples: alphas of the palette, or one grey or RGB colour
  readonly filters?: (row: number) => number // filter type of the row-th row written; 0 where not given
}

export function samplesPerPixel(colour: number): number {
  return SAMPLES[colour]
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Big-endian. */
function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** A chunk with its right length and CRC; `type` is four characters of any kind. */
export function chunk(type: string, data: ArrayLike<number> = []): Uint8Array {
  const body = concat(
    Uint8Array.from(type, (letter) => letter.charCodeAt(0)),
    Uint8Array.from(data),
  )
  return concat(u32(data.length), body, u32(crc32(body)))
}

/** IHDR; whatever is not given is right for a grey 28x28. */
export function ihdr(
  fields: Partial<Record<'width' | 'height', number>> & { rest?: readonly number[] } = {},
): Uint8Array {
  const { width = 28, height = 28, rest = [8, 0, 0, 0, 0] } = fields
  return chunk('IHDR', [...u32(width), ...u32(height), ...rest])
}

/** A file of these chunks. */
export function file(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(SIGNATURE, ...chunks)
}

/** tRNS data: bytes for a palette, 16-bit samples else. */
function transparencyBytes({ colour, transparency = [] }: Picture): number[] {
  return colour === 3 ? [...transparency] : transparency.flatMap((sample) => [sample >> 8, sample & 0xff])
}

/** The chunks of a picture, IHDR to IEND. */
export function chunksOf(picture: Picture): Uint8Array[] {
  const { width, height, depth, colour, palette, transparency, interlaced } = picture
  return [
    ihdr({ width, height, rest: [depth, colour, 0, 0, interlaced ? 1 : 0] }),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...(transparency ? [chunk('tRNS', transparencyBytes(picture))] : []),
    chunk('IDAT', deflateSync(scanlines(picture))),
    chunk('IEND'),
  ]
}

export function encode(picture: Picture): Uint8Array<ArrayBuffer> {
  return file(...chunksOf(picture))
}

/** Pixels stored before deflation: per pass, filtered rows with their filter byte. */
export function scanlines(picture: Picture): Uint8Array {
  const { width, height, depth, colour, interlaced } = picture
  const rows: Uint8Array[] = []
  const pixelBytes = Math.max(1, (depth * SAMPLES[colour]) / 8)
  for (let pass = interlaced ? 1 : 0; pass <= (interlaced ? 7 : 0); pass++) {
    const xs = Array.from({ length: width }, (_, x) => x)
    let above: Uint8Array | undefined
    for (let y = 0; y < height; y++) {
      const columns = xs.filter((x) => !interlaced || passOf(x, y) === pass)
      if (columns.length === 0) continue
      const row = packRow(picture, columns, y)
      rows.push(filterRow(picture.filters?.(rows.length) ?? 0, row, above ?? new Uint8Array(row.length), pixelBytes))
      above = row
    }
  }
  return concat(...rows)
}

/** The Adam7 pass a pixel belongs to, read off the specification's 8x8 pattern. */
function passOf(x: number, y: number): number {
  const pattern = ['16462646', '77777777', '56565656', '77777777', '36463646', '77777777', '56565656', '77777777']
  return Number(pattern[y % 8][x % 8])
}

/** The samples of some columns of row y, most significant bits first; unused bits at the end are set, they mean nothing. */
function packRow({ width, depth, colour, samples }: Picture, columns: readonly number[], y: number): Uint8Array {
  const perPixel = SAMPLES[colour]
  const bits: number[] = []
  for (const x of columns) {
    for (let channel = 0; channel < perPixel; channel++) {
      const sample = samples[(y * width + x) * perPixel + channel]
      for (let bit = depth - 1; bit >= 0; bit--) bits.push((sample >> bit) & 1)
    }
  }
  while (bits.length % 8 !== 0) bits.push(1)
  return Uint8Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => 2 * byte + bit, 0),
  )
}

function filterRow(type: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): Uint8Array {
  const filtered = Uint8Array.from(row, (byte, i) => {
    const a = i < pixelBytes ? 0 : row[i - pixelBytes]
    const b = above[i]
    const c = i < pixelBytes ? 0 : above[i - pixelBytes]
    return byte - ([0, a, b, Math.floor((a + b) / 2), paeth(a, b, c)][type] ?? 0)
  })
  return concat(Uint8Array.of(type), filtered)
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c
  const byDistance = [a, b, c].map((value, order) => ({ value, order, distance: Math.abs(p - value) }))
  return byDistance.sort((one, other) => one.distance - other.distance || one.order - other.order)[0].value
}

/** The decoded picture: RGBA, 8 bits. */
export function expectedPixels(picture: Picture): Uint8Array {
  const { width, height, depth, colour, samples, palette = [], transparency } = picture
  const perPixel = SAMPLES[colour]
  const scale = (sample: number) => Math.floor((sample * 255) / (2 ** depth - 1) + 0.5)
  const rgba = new Uint8Array(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    const pixel = Array.from({ length: perPixel }, (_, channel) => samples[i * perPixel + channel])
    if (colour === 3) {
      rgba.set([...palette.slice(3 * pixel[0], 3 * pixel[0] + 3), transparency?.[pixel[0]] ?? 255], 4 * i)
    } else {
      const hasAlpha = perPixel % 2 === 0
      const keyed = transparency !== undefined && pixel.every((sample, channel) => sample === transparency[channel])
      const colours = perPixel >= 3 ? pixel.slice(0, 3) : [pixel[0], pixel[0], pixel[0]]
      rgba.set([...colours.map(scale), hasAlpha ? scale(pixel[perPixel - 1]) : keyed ? 0 : 255], 4 * i)
    }
  }
  return rgba
}

/** The same pixels with R, G and B 0 where alpha is 0: there decoders may differ. */
export function visible(rgba: ArrayLike<number>): Uint8Array {
  const seen = Uint8Array.from(rgba)
  for (let i = 0; i < seen.length; i += 4) if (seen[i + 3] === 0) seen.fill(0, i, i + 3)
  return seen
}
