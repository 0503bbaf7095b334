/** Colours of a picture and how far apart they are. Alpha counts as a channel, and all transparent pixels are one colour. */

import type { Raster } from '../../data/raster.ts'
import { pixelKeys } from '../paper.ts'

/** A colour: one level of a grey picture, or red, green, blue and alpha, 0..255 each. */
export type Colour = readonly number[]

/** Alpha at or below which a pixel is transparent, 0..255. */
const CLEAR_ALPHA = 16

/** Pixels that are examined for noise and for the frequent colours, about, on a grid. */
const SAMPLES = 1600

/** Smallest share of a colour that can be paper, 0..1: a canvas has at least a tenth of either side of the picture. */
const LEAST_SHARE = 0.01

/** Frequent colours that are looked at, at most. It bounds the time. */
const MOST_COLOURS = 6

/** Cells of colours are 16 levels wide. */
const CELL_SHIFT = 4

/** Samples up to this distance from a cell's first colour decide about the median, 0..255. */
const NEIGHBOURHOOD = 24

/** Neighbouring pixels of a picture without noise differ by at most this, 0..255, but at outlines. */
const CALM = 2

/** Share of neighbours that are calm in a picture without noise, 0..1. */
const CALM_SHARE = 0.85

/** Distance up to which a pixel has a colour, 0..255: in a picture without noise, and in others. */
const NARROW = 8
const WIDE = 24

/** The colour of pixel p. */
export function colourAt({ channels, data }: Raster, p: number): Colour {
  if (channels === 1) return [data[p]]
  return [data[4 * p], data[4 * p + 1], data[4 * p + 2], data[4 * p + 3]]
}

/** The largest difference of a channel of pixel p from a colour, 0..255. */
export function distanceAt({ channels, data }: Raster, p: number, colour: Colour): number {
  if (channels === 1) return Math.abs(data[p] - colour[0])
  const i = 4 * p
  const alpha = data[i + 3]
  const clear = alpha <= CLEAR_ALPHA
  if (clear || colour[3] <= CLEAR_ALPHA) return clear && colour[3] <= CLEAR_ALPHA ? 0 : Math.abs(alpha - colour[3])
  return Math.max(
    Math.abs(data[i] - colour[0]),
    Math.abs(data[i + 1] - colour[1]),
    Math.abs(data[i + 2] - colour[2]),
    Math.abs(alpha - colour[3]),
  )
}

/** Writes 1 where a pixel is within `reach` of a colour, else 0. */
export function markColour(image: Raster, colour: Colour, reach: number, marks: Uint8Array): void {
  const keys = pixelKeys(image)
  marks.fill(0)
  for (let p = 0, end = 0; p < keys.length; p = end) {
    const key = keys[p]
    end = p + 1
    while (end < keys.length && keys[end] === key) end++
    if (distanceAt(image, p, colour) <= reach) marks.fill(1, p, end)
  }
}

/** The distance up to which pixels of this picture have the same colour. */
export function colourReach(image: Raster): number {
  const { width, height } = image
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / SAMPLES)))
  let calm = 0
  let count = 0
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x + 1 < width; x += step) {
      const p = y * width + x
      if (distanceAt(image, p, colourAt(image, p + 1)) <= CALM) calm++
      count++
    }
  }
  return calm >= count * CALM_SHARE ? NARROW : WIDE
}

/** The most frequent colours, the most frequent first, none within `reach` of another. */
export function frequentColours(image: Raster, reach: number): Colour[] {
  const { width, height, channels } = image
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / SAMPLES)))
  let samples: number[] = []
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x < width; x += step) samples.push(y * width + x)
  }
  const least = samples.length * LEAST_SHARE
  const colours: Colour[] = []
  while (colours.length < MOST_COLOURS && samples.length >= least) {
    const first = colourAt(image, fullestCell(image, samples))
    const around = samples.filter((p) => distanceAt(image, p, first) <= NEIGHBOURHOOD)
    const colour = Array.from({ length: channels }, (_, c) => medianLevel(image, around, c))
    const rest = samples.filter((p) => distanceAt(image, p, colour) > reach)
    if (samples.length - rest.length >= least) colours.push(colour)
    samples = rest.length < samples.length ? rest : samples.filter((p) => distanceAt(image, p, first) > 0)
  }
  return colours
}

/** A sample out of the cell that has the most of them, of those the first. */
function fullestCell({ channels, data }: Raster, samples: readonly number[]): number {
  const counts = new Map<number, number>()
  const firsts = new Map<number, number>()
  let best = samples[0]
  let most = 0
  for (const p of samples) {
    let cell = 0
    if (channels === 1) cell = data[p] >> CELL_SHIFT
    else if (data[4 * p + 3] <= CLEAR_ALPHA) cell = -1
    else for (let c = 0; c < 4; c++) cell = cell * 16 + (data[4 * p + c] >> CELL_SHIFT)
    const count = (counts.get(cell) ?? 0) + 1
    counts.set(cell, count)
    if (count === 1) firsts.set(cell, p)
    if (count > most) {
      most = count
      best = firsts.get(cell) ?? p
    }
  }
  return best
}

function medianLevel({ channels, data }: Raster, samples: readonly number[], channel: number): number {
  const levels = new Uint32Array(256)
  for (const p of samples) levels[data[p * channels + channel]]++
  let sum = 0
  for (let v = 0; v < 256; v++) {
    sum += levels[v]
    if (sum * 2 >= samples.length) return v
  }
  return 255
}
