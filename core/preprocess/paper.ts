/**
 * The paper of a drawing: its colour, or transparency where the alpha channel is the drawing. Light and dark are treated alike, so
 * inverting a picture's colours makes no difference.
 */

import type { Raster } from '../data/raster.ts'

/** The paper's colour, 0..255, not premultiplied; without meaning if `clear`, which means that the paper is transparent. */
export interface Paper {
  readonly clear: boolean
  readonly red: number
  readonly green: number
  readonly blue: number
}

/** Alpha at or below which a pixel is transparent, 0..255. */
const CLEAR_ALPHA = 16

/**
 * Share of transparent pixels, 0..1, from which the paper is transparent; with less, a picture may have rounded corners. It
 * corresponds to the rule that ink may cover at most 90 %.
 */
const CLEAR_SHARE = 0.1

/**
 * Opaque paper covers at least this share of a picture with transparent holes, its outline weighing as much as its area, 0..1; and ink
 * of another colour at least that share.
 */
const OPAQUE_SHARE = 0.5
const INK_SHARE = 1 / 1000

/** Cells of colours are 16 levels wide, 16 per channel. The paper is one window of 2x2x2 cells. */
const CELL_SHIFT = 4
const CELLS = 16
const LAST = CELLS - 1

/** Bits in which the eight cells of a window differ from its lowest cell. */
const WINDOW = (CELLS * CELLS) | CELLS | 1

/** Weight of each cell, all zero between calls: few cells are filled, so clearing those is cheaper than a new array. */
const WEIGHTS = new Float64Array(CELLS * CELLS * CELLS)

/** Pixels of a large picture that are examined, about, on a grid, besides the whole outline. */
const SAMPLES = 16384

/**
 * The paper of a picture: its most frequent colour, with the outline weighing as much as the whole area. The area alone would
 * mistake a digit in thick pen, which may cover most of its box, for paper; the outline alone a digit that touches the edges.
 * The colour is the median of each channel within the heaviest window of cells, so that a few deviating pixels have no effect.
 */
export function findPaper(image: Raster): Paper {
  const { width, height, channels, data, paper } = image
  if (paper !== undefined) return { clear: false, red: paper, green: paper, blue: paper }
  const green = channels === 4 ? 1 : 0 // offset of the channel in a pixel; a grey picture has one for all three
  const blue = channels === 4 ? 2 : 0
  const grid = layGrid(width, height)
  const outline = 2 * width + 2 * height - 4
  // each pixel of the area weighs as many as the outline has, and vice versa: both weigh the same, in integers
  const stretches: Stretches = { pixels: [], weights: [] }
  addArea(stretches, image, grid, outline)
  const inside = stretches.pixels.length
  addOutline(stretches, image, grid.pixels)

  let clear = 0
  const cells = WEIGHTS
  const filled: number[] = []
  for (let k = 0; k < stretches.pixels.length; k++) {
    const i = stretches.pixels[k] * channels
    const weight = stretches.weights[k]
    if (channels === 4 && data[i + 3] <= CLEAR_ALPHA) {
      if (k < inside) clear += weight
      stretches.weights[k] = 0
      continue
    }
    const cell = cellOf(data[i], data[i + green], data[i + blue])
    if (cells[cell] === 0) filled.push(cell)
    cells[cell] += weight
  }
  const window = heaviestWindow(cells, filled)
  for (const cell of filled) cells[cell] = 0
  const half = grid.pixels * outline // weight of the area, and of the outline
  if (clear >= half * CLEAR_SHARE && !hasHoles(image, stretches, window, 2 * half)) {
    return { clear: true, red: 0, green: 0, blue: 0 }
  }
  const levels = new Float64Array(3 * 256) // weight of every level, channel by channel, inside the window
  for (let k = 0; k < stretches.pixels.length; k++) {
    const i = stretches.pixels[k] * channels
    const weight = stretches.weights[k]
    const offset = cellOf(data[i], data[i + green], data[i + blue]) - window
    if ((offset & ~WINDOW) !== 0) continue
    levels[data[i]] += weight
    levels[256 + data[i + green]] += weight
    levels[512 + data[i + blue]] += weight
  }
  return { clear: false, red: median(levels, 0), green: median(levels, 256), blue: median(levels, 512) }
}

/** Whether a picture with transparent pixels is opaque paper in which an eraser made holes; on transparent paper all is ink. */
function hasHoles({ data }: Raster, { pixels, weights }: Stretches, window: number, total: number): boolean {
  let plain = 0
  let ink = 0
  for (let k = 0; k < pixels.length; k++) {
    const i = 4 * pixels[k]
    const other = (cellOf(data[i], data[i + 1], data[i + 2]) - window) & ~WINDOW
    if (other === 0) plain += weights[k]
    else if (data[i + 3] === 255) ink += weights[k]
  }
  return plain >= total * OPAQUE_SHARE && ink >= total * INK_SHARE
}

/** One number per pixel, equal where colour and alpha are equal: most pixels of a drawing equal the one before. */
export function pixelKeys({ channels, data }: Raster): Uint8Array | Uint8ClampedArray | Int32Array {
  if (channels === 1) return data
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  return new Int32Array(aligned.buffer, aligned.byteOffset, data.length / 4)
}

/** Stretches of equal pixels: the first pixel of each, and the weight of all its pixels. */
interface Stretches {
  readonly pixels: number[]
  readonly weights: number[]
}

/** An even grid over the picture; all pixels of a small picture. */
interface Grid {
  readonly start: number // px
  readonly step: number // px
  readonly pixels: number
}

function layGrid(width: number, height: number): Grid {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / SAMPLES)))
  const start = step >> 1
  return { start, step, pixels: Math.ceil((width - start) / step) * Math.ceil((height - start) / step) }
}

/** Adds the grid's pixels, each of which weighs `weight`. */
function addArea({ pixels, weights }: Stretches, image: Raster, { start, step }: Grid, weight: number): void {
  const { width, height } = image
  const keys = pixelKeys(image)
  let pixel = start * width + start
  let key = keys[pixel]
  let count = 0
  for (let y = start; y < height; y += step) {
    const end = (y + 1) * width
    for (let p = y * width + start; p < end; p += step, count++) {
      if (keys[p] === key) continue
      pixels.push(pixel)
      weights.push(count * weight)
      pixel = p
      key = keys[p]
      count = 0
    }
  }
  pixels.push(pixel)
  weights.push(count * weight)
}

/** Adds the pixels of the outermost ring, each once; sides are at least 2 px. Each weighs `weight`. */
function addOutline({ pixels, weights }: Stretches, image: Raster, weight: number): void {
  const { width, height } = image
  const keys = pixelKeys(image)
  const walk = (from: number, count: number, step: number): void => {
    for (let k = 0, end = 0; k < count; k = end) {
      const pixel = from + k * step
      const key = keys[pixel]
      for (end = k + 1; end < count && keys[from + end * step] === key; ) end++
      pixels.push(pixel)
      weights.push((end - k) * weight)
    }
  }
  walk(0, width, 1)
  walk((height - 1) * width, width, 1)
  walk(width, height - 2, width)
  walk(2 * width - 1, height - 2, width)
}

function cellOf(red: number, green: number, blue: number): number {
  return ((red >> CELL_SHIFT) * CELLS + (green >> CELL_SHIFT)) * CELLS + (blue >> CELL_SHIFT)
}

/** Lowest cell of the 2x2x2 window with the largest sum; the first among equals. */
function heaviestWindow(cells: Float64Array, filled: readonly number[]): number {
  const sums = new Map<number, number>() // of the window that begins there
  for (const cell of filled) {
    for (let corner = 0; corner < 8; corner++) {
      const red = (cell >> 8) - (corner >> 2)
      const green = ((cell >> 4) & LAST) - ((corner >> 1) & 1)
      const blue = (cell & LAST) - (corner & 1)
      if (Math.min(red, green, blue) < 0 || Math.max(red, green, blue) === LAST) continue
      const window = (red * CELLS + green) * CELLS + blue
      sums.set(window, (sums.get(window) ?? 0) + cells[cell])
    }
  }
  let best = 0
  let bestSum = 0
  for (const [window, sum] of sums) {
    if (sum < bestSum || (sum === bestSum && window > best)) continue
    bestSum = sum
    best = window
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
