/**
 * What a drawing is drawn on: the colour of the paper, or transparency where the alpha channel is the drawing.
 * Nothing here knows light from dark, so inverting a picture's colours changes nothing downstream.
 */

import type { Raster } from './raster.ts'

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

/**
 * The paper of a picture: the colour that is found most, where the picture's outline weighs as much as all of its
 * area. Area alone mistakes a digit in thick pen, which may cover most of its box, for paper; the outline alone a digit
 * that touches the edges. Within the most popular window of colours it is the median of each channel, so that a
 * few deviating pixels do not move it at all.
 */
export function findPaper(image: Raster): Paper {
  const { width, height, channels, data } = image
  const area = width * height
  const green = channels === 4 ? 1 : 0 // offset of the channel in a pixel: a grey picture has all three in one
  const blue = channels === 4 ? 2 : 0
  const outline = width * 2 + height * 2 - 4
  const outlineWeight = Math.floor(area / outline)

  const cells = new Float64Array(CELLS * CELLS * CELLS)
  let clear = 0
  for (let i = 0; i < data.length; i += channels) {
    if (channels === 4 && data[i + 3] <= CLEAR_ALPHA) clear++
    else cells[cellOf(data[i], data[i + green], data[i + blue])]++
  }
  if (clear >= area * CLEAR_SHARE) return { clear: true, red: 0, green: 0, blue: 0 }

  forOutline(width, height, (pixel) => {
    const i = pixel * channels
    if (channels === 1 || data[i + 3] > CLEAR_ALPHA) {
      cells[cellOf(data[i], data[i + green], data[i + blue])] += outlineWeight
    }
  })

  const window = heaviestWindow(cells)
  const levels = new Float64Array(3 * 256) // weight of every level, channel by channel, inside the window
  const tally = (i: number, weight: number): void => {
    if (channels === 4 && data[i + 3] <= CLEAR_ALPHA) return
    const d = cellOf(data[i], data[i + green], data[i + blue]) - window
    if ((d & ~(1 | CELLS | (CELLS * CELLS))) !== 0) return
    levels[data[i]] += weight
    levels[256 + data[i + green]] += weight
    levels[512 + data[i + blue]] += weight
  }
  for (let i = 0; i < data.length; i += channels) tally(i, 1)
  forOutline(width, height, (pixel) => tally(pixel * channels, outlineWeight))
  return { clear: false, red: median(levels, 0), green: median(levels, 256), blue: median(levels, 512) }
}

function cellOf(red: number, green: number, blue: number): number {
  return ((red >> CELL_SHIFT) * CELLS + (green >> CELL_SHIFT)) * CELLS + (blue >> CELL_SHIFT)
}

/** Calls `visit` once with the index of every pixel of the outermost ring; sides are at least 2 px. */
function forOutline(width: number, height: number, visit: (pixel: number) => void): void {
  for (let x = 0; x < width; x++) {
    visit(x)
    visit((height - 1) * width + x)
  }
  for (let y = 1; y < height - 1; y++) {
    visit(y * width)
    visit(y * width + width - 1)
  }
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
