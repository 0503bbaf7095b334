/**
 * What a drawing is drawn on: the colour of the paper, or transparency where the alpha channel is the drawing.
 * Nothing here knows light from dark, so inverting a picture's colours changes nothing downstream.
 */

import type { Raster } from '../raster.ts'

/** The paper: its colour (straight, 0..255), meaningless where `clear` says that the paper is transparency itself. */
export interface Paper {
  readonly clear: boolean
  readonly red: number
  readonly green: number
  readonly blue: number
}

/** Alpha at or below which a pixel is transparent, 0..255. */
const CLEAR_ALPHA = 16

/**
 * Share of transparent pixels, 0..1, from which transparency is the paper. Below it a picture has, say, rounded
 * corners; it is the mirror of the rule that ink may cover at most 90 %.
 */
const CLEAR_SHARE = 0.1

/** Colour cells are 16 levels wide, 16 per channel; the paper is sought in windows of 2x2x2 cells. */
const CELL_SHIFT = 4
const CELLS = 16

/** Bits by which the eight cells of a window differ from its lowest. */
const WINDOW = (CELLS * CELLS) | CELLS | 1

/** Of larger pictures about this many pixels are looked at, on a grid, besides the whole outline. */
const SAMPLES = 16384

/**
 * The paper of a picture: the colour that is found most, where the picture's outline weighs as much as all of its
 * area. Area alone mistakes a digit in thick pen, which may cover most of its box, for paper; the outline alone a digit
 * that touches the edges. Within the most popular window of colours it is the median of each channel, so that a
 * few deviating pixels do not move it at all.
 */
export function findPaper(image: Raster): Paper {
  const { width, height, channels, data } = image
  const green = channels === 4 ? 1 : 0 // offset of the channel in a pixel: a grey picture has all three in one
  const blue = channels === 4 ? 2 : 0
  const keys = pixelKeys(image)
  const samples = samplePixels(width, height)
  const outline = outlinePixels(width, height)
  // crosswise, so that both weigh the same, in whole numbers
  const area = findStretches(keys, samples, outline.length)
  const edge = findStretches(keys, outline, samples.length)
  const isClear = (pixel: number): boolean => channels === 4 && data[pixel * 4 + 3] <= CLEAR_ALPHA

  let clear = 0
  for (const { pixel, weight } of area) if (isClear(pixel)) clear += weight
  if (clear >= samples.length * outline.length * CLEAR_SHARE) return { clear: true, red: 0, green: 0, blue: 0 }

  const stretches = [...area, ...edge].filter(({ pixel }) => !isClear(pixel))
  const cells = new Float64Array(CELLS * CELLS * CELLS)
  for (const { pixel, weight } of stretches) {
    const i = pixel * channels
    cells[cellOf(data[i], data[i + green], data[i + blue])] += weight
  }
  const window = heaviestWindow(cells)
  const levels = new Float64Array(3 * 256) // weight of every level, channel by channel, inside the window
  for (const { pixel, weight } of stretches) {
    const i = pixel * channels
    const offset = cellOf(data[i], data[i + green], data[i + blue]) - window
    if ((offset & ~WINDOW) !== 0) continue
    levels[data[i]] += weight
    levels[256 + data[i + green]] += weight
    levels[512 + data[i + blue]] += weight
  }
  return { clear: false, red: median(levels, 0), green: median(levels, 256), blue: median(levels, 512) }
}

/** One number per pixel, equal where colour and alpha are: most of a drawing repeats, and need not be looked at twice. */
export function pixelKeys({ channels, data }: Raster): Uint8Array | Uint8ClampedArray | Uint32Array {
  if (channels === 1) return data
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, data.length / 4)
}

/** Equal pixels that follow each other in a list: the first of them, and what they weigh together. */
interface Stretch {
  readonly pixel: number
  readonly weight: number
}

function findStretches(keys: ReturnType<typeof pixelKeys>, pixels: Int32Array, weight: number): Stretch[] {
  const stretches: Stretch[] = []
  for (let k = 0, end = 0; k < pixels.length; k = end) {
    const key = keys[pixels[k]]
    for (end = k + 1; end < pixels.length && keys[pixels[end]] === key; ) end++
    stretches.push({ pixel: pixels[k], weight: (end - k) * weight })
  }
  return stretches
}

/** Indices of pixels on an even grid over the picture: all of a small picture's. */
function samplePixels(width: number, height: number): Int32Array {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / SAMPLES)))
  const start = step >> 1
  const columns = Math.ceil((width - start) / step)
  const pixels = new Int32Array(columns * Math.ceil((height - start) / step))
  let k = 0
  for (let y = start; y < height; y += step) {
    for (let x = start; x < width; x += step) pixels[k++] = y * width + x
  }
  return pixels
}

/** Indices of the pixels of the outermost ring, each once; sides are at least 2 px. */
function outlinePixels(width: number, height: number): Int32Array {
  const pixels = new Int32Array(2 * width + 2 * height - 4)
  let k = 0
  for (let x = 0; x < width; x++) {
    pixels[k++] = x
    pixels[k++] = (height - 1) * width + x
  }
  for (let y = 1; y < height - 1; y++) {
    pixels[k++] = y * width
    pixels[k++] = y * width + width - 1
  }
  return pixels
}

function cellOf(red: number, green: number, blue: number): number {
  return ((red >> CELL_SHIFT) * CELLS + (green >> CELL_SHIFT)) * CELLS + (blue >> CELL_SHIFT)
}

/** Lowest cell of the 2x2x2 window with the greatest sum. */
function heaviestWindow(cells: Float64Array): number {
  const plane = CELLS * CELLS
  let best = 0
  let bestSum = -1
  for (let r = 0; r < CELLS - 1; r++) {
    for (let g = 0; g < CELLS - 1; g++) {
      for (let b = 0; b < CELLS - 1; b++) {
        const c = r * plane + g * CELLS + b
        const d = c + plane
        const sum =
          cells[c] +
          cells[c + 1] +
          cells[c + CELLS] +
          cells[c + CELLS + 1] +
          cells[d] +
          cells[d + 1] +
          cells[d + CELLS] +
          cells[d + CELLS + 1]
        if (sum > bestSum) {
          bestSum = sum
          best = c
        }
      }
    }
  }
  return best
}

/** Level at which half of the weight in levels[from .. from + 255] is reached. */
function median(levels: Float64Array, from: number): number {
  let total = 0
  for (let v = 0; v < 256; v++) total += levels[from + v]
  let sum = 0
  for (let v = 0; v < 256; v++) {
    sum += levels[from + v]
    if (sum * 2 >= total) return v
  }
  return 255
}
