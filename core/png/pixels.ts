/** Converts unfiltered rows of any colour type and depth to RGBA, 8 bits each, alpha not premultiplied. */

import { InputError } from '../errors.ts'
import { GREY, type Header, INDEXED } from './header.ts'
import type { Pass } from './passes.ts'

/** Samples of the colour that is transparent, compared before rounding; -1 if there is none. */
interface Key {
  readonly red: number // or grey
  readonly green: number
  readonly blue: number
}

/**
 * Writes one row of samples, from data[from] on, to the pixels at rgba[to], rgba[to + step] ... before rgba[end].
 * The loops use local variables only: V8 makes them twice as fast as one loop over the whole image.
 */
type PlaceRow = (data: Uint8Array, from: number, rgba: Uint8Array, to: number, end: number, step: number) => void

/**
 * The pixels of all passes at their places in the image.
 * @param data the whole unfiltered image data; each row still begins with its filter byte
 * @param palette data of PLTE
 * @param transparency data of tRNS
 * @returns [height][width][4]
 * @throws InputError 422 `palette_index`
 */
export function placePixels(
  data: Uint8Array,
  header: Header,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): Uint8Array {
  const rgba = new Uint8Array(4 * header.width * header.height)
  const placeRow = choosePlacer(header, palette, transparency)
  for (const pass of header.passes) placePass(data, pass, header.width, rgba, placeRow)
  return rgba
}

function placePass(data: Uint8Array, pass: Pass, width: number, rgba: Uint8Array, placeRow: PlaceRow): void {
  const step = 4 * pass.dx
  for (let j = 0; j < pass.height; j++) {
    const to = 4 * ((pass.y + j * pass.dy) * width + pass.x)
    placeRow(data, pass.start + j * (1 + pass.rowBytes) + 1, rgba, to, to + step * pass.width, step)
  }
}

/** The function that places rows of this format. It throws InputError 422 `palette_index`. */
export function choosePlacer(
  header: Header,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): PlaceRow {
  const { colour, depth, samples } = header
  if (colour === INDEXED && palette !== undefined) {
    return placeByTable(depth, tableOfPalette(depth, palette, transparency), palette.length / 3)
  }
  const key = readKey(header, transparency)
  if (colour === GREY && depth <= 8) return placeByTable(depth, tableOfGreys(depth, key.red), 1 << depth)
  if (samples === 2 || samples === 4) return depth === 8 ? placeAlpha8(samples) : placeAlpha16(samples)
  return depth === 8 ? placeRgb8(key) : placeOpaque16(samples, key)
}

function readKey({ colour, depth }: Header, transparency: Uint8Array | undefined): Key {
  if (transparency === undefined) return { red: -1, green: -1, blue: -1 }
  const [red, green, blue] = [0, 2, 4].map((at) => readU16(transparency, at) & ((1 << depth) - 1))
  return colour === GREY ? { red, green: red, blue: red } : { red, green, blue }
}

/** RGBA, four bytes, for each index. Indices beyond the palette have an entry too; pixels that use one are refused. */
function tableOfPalette(depth: number, palette: Uint8Array, alphas: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(4 << depth)
  for (let i = 0; 3 * i < palette.length; i++) {
    const alpha = alphas !== undefined && i < alphas.length ? alphas[i] : 255
    table.set([palette[3 * i], palette[3 * i + 1], palette[3 * i + 2], alpha], 4 * i)
  }
  return table
}

function tableOfGreys(depth: number, transparent: number): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(4 << depth)
  const most = (1 << depth) - 1
  for (let value = 0; value <= most; value++) {
    const grey = (value * 255) / most // whole: 255 is a multiple of 1, 3, 15 and 255
    table.set([grey, grey, grey, value === transparent ? 0 : 255], 4 * value)
  }
  return table
}

/** One sample of up to 8 bits per pixel: an index into a table of which the first `colours` entries are valid. */
function placeByTable(depth: number, table: Uint8Array<ArrayBuffer>, colours: number): PlaceRow {
  const colourOf = new Uint32Array(table.buffer) // whole pixels are copied: the byte order makes no difference
  const mask = (1 << depth) - 1
  const placeRow = depth === 8 ? placeBytes : placeBits
  return (data, from, rgba, to, end, step) => {
    const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset)
    const most = placeRow(data, from, pixels, to / 4, end / 4, step / 4, colourOf, depth, mask)
    if (most >= colours) {
      throw new InputError(422, 'palette_index', `the palette has ${colours} entries, a pixel asks for number ${most}`)
    }
  }
}

type PlaceIndices = (
  data: Uint8Array,
  from: number,
  pixels: Uint32Array,
  to: number,
  end: number,
  step: number,
  colourOf: Uint32Array,
  depth: number,
  mask: number,
) => number

/** This and the next return the largest index of the row. */
const placeBytes: PlaceIndices = (data, from, pixels, to, end, step, colourOf) => {
  let most = 0
  for (let i = to, at = from; i < end; i += step, at++) {
    const index = data[at]
    if (index > most) most = index
    pixels[i] = colourOf[index]
  }
  return most
}

const placeBits: PlaceIndices = (data, from, pixels, to, end, step, colourOf, depth, mask) => {
  let most = 0
  for (let i = to, bit = 0; i < end; i += step, bit += depth) {
    const index = (data[from + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask
    if (index > most) most = index
    pixels[i] = colourOf[index]
  }
  return most
}

function placeRgb8({ red, green, blue }: Key): PlaceRow {
  const key = red < 0 ? -1 : (red << 16) | (green << 8) | blue // one comparison for three: a third of the loop's time
  return (data, from, rgba, to, end, step) => {
    for (let i = to, at = from; i < end; i += step, at += 3) {
      const r = data[at]
      const g = data[at + 1]
      const b = data[at + 2]
      rgba[i] = r
      rgba[i + 1] = g
      rgba[i + 2] = b
      rgba[i + 3] = ((r << 16) | (g << 8) | b) === key ? 0 : 255
    }
  }
}

/** Grey (2 samples) or RGB (4) with alpha. */
function placeAlpha8(samples: number): PlaceRow {
  const next = samples === 4 ? 1 : 0 // grey is its own green and blue
  return (data, from, rgba, to, end, step) => {
    for (let i = to, at = from; i < end; i += step, at += samples) {
      rgba[i] = data[at]
      rgba[i + 1] = data[at + next]
      rgba[i + 2] = data[at + 2 * next]
      rgba[i + 3] = data[at + samples - 1]
    }
  }
}

/** Grey (1 sample) or RGB (3). */
function placeOpaque16(samples: number, { red, green, blue }: Key): PlaceRow {
  const next = samples === 3 ? 2 : 0
  return (data, from, rgba, to, end, step) => {
    for (let i = to, at = from; i < end; i += step, at += 2 * samples) {
      const r = readU16(data, at)
      const g = readU16(data, at + next)
      const b = readU16(data, at + 2 * next)
      rgba[i] = roundSample(r)
      rgba[i + 1] = roundSample(g)
      rgba[i + 2] = roundSample(b)
      rgba[i + 3] = r === red && g === green && b === blue ? 0 : 255
    }
  }
}

function placeAlpha16(samples: number): PlaceRow {
  const next = samples === 4 ? 2 : 0
  return (data, from, rgba, to, end, step) => {
    for (let i = to, at = from; i < end; i += step, at += 2 * samples) {
      rgba[i] = roundSample(readU16(data, at))
      rgba[i + 1] = roundSample(readU16(data, at + next))
      rgba[i + 2] = roundSample(readU16(data, at + 2 * next))
      rgba[i + 3] = roundSample(readU16(data, at + 2 * samples - 2))
    }
  }
}

/** A 16-bit sample as 8 bits: floor(v * 255 / 65535 + 0.5), in integers (libpng's PNG_DIV257). */
function roundSample(value: number): number {
  return (value * 255 + 32895) >> 16
}

/** Big-endian u16 at data[at]. */
function readU16(data: Uint8Array, at: number): number {
  return (data[at] << 8) | data[at + 1]
}
