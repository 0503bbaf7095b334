/** From unfiltered rows of any colour type and depth to RGBA, 8 bits each, alpha not premultiplied. */

import { InputError } from '../errors.ts'
import { GREY, GREY_ALPHA, type Header, INDEXED, RGBA } from './header.ts'
import type { Pass } from './passes.ts'

/**
 * Writes the pixels of one pass to their places in `rgba`. Rows in `data` are one byte that is passed over (the filter's) and
 * then the samples.
 * @throws InputError 422 `palette_index`.
 */
export type PlacePass = (data: Uint8Array, pass: Pass, rgba: Uint8Array<ArrayBuffer>) => void

/** The placer for an image: a table look-up where there are at most 256 colours, plain copying elsewhere. */
export function createPlacer(
  header: Header,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): PlacePass {
  const { colour, depth } = header
  if (colour === INDEXED && palette !== undefined) {
    return placeByTable(header, tableOfPalette(depth, palette, transparency), palette.length / 3)
  }
  const key = readKey(header, transparency)
  if (colour === GREY && depth <= 8) return placeByTable(header, tableOfGreys(depth, key[0]), 1 << depth)
  return depth === 8 ? place8(header, key) : place16(header, key)
}

/** A 16-bit sample as 8 bits: floor(v * 255 / 65535 + 0.5), in integers (libpng's PNG_DIV257). */
export function roundSample(value: number): number {
  return (value * 255 + 32895) >> 16
}

/** The samples of the one transparent colour that tRNS gives grey and RGB images, cut to their depth; -1 where none. */
function readKey({ samples, depth }: Header, transparency: Uint8Array | undefined): number[] {
  if (transparency === undefined) return [-1, -1, -1]
  const mask = (1 << depth) - 1
  return Array.from({ length: samples }, (_, i) => ((transparency[2 * i] << 8) | transparency[2 * i + 1]) & mask)
}

/** One u32 per colour, whose bytes in memory are R, G, B, A. Indices beyond the palette have an entry, but are refused. */
function tableOfPalette(depth: number, palette: Uint8Array, alphas: Uint8Array | undefined): Uint32Array {
  const bytes = new Uint8Array(4 << depth)
  for (let i = 0; 3 * i < palette.length; i++) {
    const alpha = alphas !== undefined && i < alphas.length ? alphas[i] : 255
    bytes.set([palette[3 * i], palette[3 * i + 1], palette[3 * i + 2], alpha], 4 * i)
  }
  return new Uint32Array(bytes.buffer)
}

function tableOfGreys(depth: number, transparent: number): Uint32Array {
  const most = (1 << depth) - 1
  const bytes = new Uint8Array(4 << depth)
  for (let value = 0; value <= most; value++) {
    const grey = (value * 255) / most // whole: 255 is a multiple of 1, 3, 15 and 255
    bytes.set([grey, grey, grey, value === transparent ? 0 : 255], 4 * value)
  }
  return new Uint32Array(bytes.buffer)
}

/** One sample of up to 8 bits per pixel, which is an index into a table whose first `colours` entries count. */
function placeByTable({ width, depth }: Header, table: Uint32Array, colours: number): PlacePass {
  const mask = (1 << depth) - 1
  return (data, pass, rgba) => {
    const pixels = new Uint32Array(rgba.buffer)
    for (let j = 0; j < pass.height; j++) {
      const row = pass.start + j * (1 + pass.rowBytes) + 1
      let to = (pass.y + j * pass.dy) * width + pass.x
      let most = 0
      if (depth === 8) {
        for (let i = row; i < row + pass.width; i++, to += pass.dx) {
          const index = data[i]
          if (index > most) most = index
          pixels[to] = table[index]
        }
      } else {
        for (let i = 0, bit = 0; i < pass.width; i++, bit += depth, to += pass.dx) {
          const index = (data[row + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask
          if (index > most) most = index
          pixels[to] = table[index]
        }
      }
      if (most >= colours) {
        throw new InputError(
          422,
          'palette_index',
          `the palette has ${colours} entries, a pixel asks for number ${most}`,
        )
      }
    }
  }
}

/** Where a pixel's samples are, counted in samples: grey is its own green and blue; alpha -1 where there is none. */
function layout({ colour }: Header): { green: number; blue: number; alpha: number } {
  if (colour === GREY || colour === GREY_ALPHA) return { green: 0, blue: 0, alpha: colour === GREY ? -1 : 1 }
  return { green: 1, blue: 2, alpha: colour === RGBA ? 3 : -1 }
}

/** RGB, RGBA, and grey with alpha at 8 bits per sample. */
function place8(header: Header, [keyRed, keyGreen, keyBlue]: number[]): PlacePass {
  const { width, samples } = header
  const { green, blue, alpha } = layout(header)
  return (data, pass, rgba) => {
    for (let j = 0; j < pass.height; j++) {
      let at = pass.start + j * (1 + pass.rowBytes) + 1
      let to = 4 * ((pass.y + j * pass.dy) * width + pass.x)
      for (let i = 0; i < pass.width; i++, at += samples, to += 4 * pass.dx) {
        const r = data[at]
        const g = data[at + green]
        const b = data[at + blue]
        rgba[to] = r
        rgba[to + 1] = g
        rgba[to + 2] = b
        if (alpha >= 0) rgba[to + 3] = data[at + alpha]
        else rgba[to + 3] = r === keyRed && g === keyGreen && b === keyBlue ? 0 : 255
      }
    }
  }
}

/** Grey, RGB, RGBA, and grey with alpha at 16 bits per sample. The transparent colour is compared before rounding. */
function place16(header: Header, [keyRed, keyGreen = keyRed, keyBlue = keyRed]: number[]): PlacePass {
  const { width, samples } = header
  const { green, blue, alpha } = layout(header)
  return (data, pass, rgba) => {
    for (let j = 0; j < pass.height; j++) {
      let at = pass.start + j * (1 + pass.rowBytes) + 1
      let to = 4 * ((pass.y + j * pass.dy) * width + pass.x)
      for (let i = 0; i < pass.width; i++, at += 2 * samples, to += 4 * pass.dx) {
        const r = readU16(data, at)
        const g = readU16(data, at + 2 * green)
        const b = readU16(data, at + 2 * blue)
        rgba[to] = roundSample(r)
        rgba[to + 1] = roundSample(g)
        rgba[to + 2] = roundSample(b)
        if (alpha >= 0) rgba[to + 3] = roundSample(readU16(data, at + 2 * alpha))
        else rgba[to + 3] = r === keyRed && g === keyGreen && b === keyBlue ? 0 : 255
      }
    }
  }
}

/** Big-endian u16 at data[at]. */
function readU16(data: Uint8Array, at: number): number {
  return (data[at] << 8) | data[at + 1]
}
