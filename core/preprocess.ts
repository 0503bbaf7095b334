/**
 * Preprocessing: turns any drawing of a digit into the 28x28 bytes that models take, by MNIST's recipe (LeCun, Cortes, Burges
 * 1998). Training, evaluation, server and browser use this function.
 */

import { PIXELS, SIDE } from './data/dataset.ts'
import type { Raster } from './data/raster.ts'
import { InputError } from './errors.ts'
import { completeCutOff } from './preprocess/cut-off.ts'
import { isolateDigit } from './preprocess/digit.ts'
import { findInk, type Ink } from './preprocess/ink.ts'
import { resample } from './preprocess/resample.ts'
import { cropToPaper } from './preprocess/surround.ts'
import { type Grid, raisePaper, strokeWidth, thicken } from './preprocess/thickness.ts'

/** Part of every model card. It must go up whenever the same drawing can give other bytes. */
export const PREPROCESS_VERSION = 2

/** The digit's longer side in the result, px. */
const BOX = 20

/** Shortest side of a picture, px. */
const MIN_SIDE = 8

/** Level from which ink is full, 0..255: the lowest maximum of an image in MNIST. */
const FULL = 254

/** Stroke width is changed at this multiple of the final size. */
const FINE = 4

/** Stroke widths between these stay, px of the result. 96 % of MNIST lies between them; its median is 2.3. */
const THIN = 1.5
const THICK = 3.5

/** In a small picture strokes up to this width are thin too, px of the picture: the line of a pen of one px, in any direction. */
const LINE = 1.3

/** A digit of exactly the final size has MNIST's recipe behind it already, and keeps strokes from this width on, px. MNIST has none below. */
const THINNEST = 1.1

/** Stroke widths that thinner and thicker strokes are changed to, px of the result. */
const FROM_THIN = 2.3
const FROM_THICK = 3

/** Largest share of a small picture's px by which raising the paper's level thins strokes. Holes that are nearly filled are opened by it. */
const RAISED = 0.4

/** Largest change of a stroke on either side, px at the FINE size. It bounds the time; thicker strokes are blots. */
const MAX_CHANGE = 10

// Working memory for pictures up to this size: allocating it for each picture would take the garbage collector longer than
// preprocessing takes. Results do not refer to it.
const AMOUNT = new Uint8Array(131_072)
const VALUES = new Float64Array((BOX * FINE + 2 * MAX_CHANGE) ** 2)

/**
 * The digit in a picture as 784 bytes, row-major 28x28, 0 = paper, 255 = full ink. Its longer side is 20 px, and its centre of
 * mass lies within half a px of the middle of pixel (14, 14), as in MNIST. Position, size, colour, transparency, polarity, pen and
 * what is around the paper make no difference. Only integers and + - * / are used, so the bytes are the same on every machine.
 * @throws InputError 422 image_too_small, blank_image, no_background, too_little_ink, bad_raster
 */
export function preprocess(image: Raster): Uint8Array {
  const pixels = image.width * image.height
  return inputOf(findDrawing(image, pixels <= AMOUNT.length ? AMOUNT.subarray(0, pixels) : undefined))
}

/** Ink over the paper that was found in a picture. */
export interface PaperInk extends Ink {
  readonly left: number // px of the picture, where the paper begins
  readonly top: number
}

/**
 * The first half of `preprocess`: the paper in a picture, and the ink on it. A picture of several digits is looked at once, and then each of them alone.
 * @param amount memory for the amounts of ink, [height][width]; allocated unless given
 * @throws InputError 422 image_too_small, blank_image, no_background, bad_raster
 */
export function findDrawing(image: Raster, amount?: Uint8Array<ArrayBuffer>): PaperInk {
  const { width, height, channels, data } = image
  if (data.length !== width * height * channels) {
    throw new InputError(422, 'bad_raster', `Got ${data.length} bytes for ${width}x${height} px of ${channels}`)
  }
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new InputError(422, 'image_too_small', `Got ${width}x${height} px, a side must have at least ${MIN_SIDE}`)
  }
  const { image: paper, left, top } = cropToPaper(image)
  return { ...findInk(paper, amount?.subarray(0, paper.width * paper.height)), left, top }
}

/**
 * The second half of `preprocess`: the ink of one digit as 784 bytes.
 * @throws InputError 422 too_little_ink, no_background
 */
export function inputOf(ink: Ink): Uint8Array {
  const digit = isolateDigit(completeCutOff(ink))
  return centre(adjustThickness(digit) ?? scaleTo(digit, BOX))
}

/** The digit, BOX px long, with the stroke width changed to what models expect; undefined if it needs no change. */
function adjustThickness(digit: Grid): Grid | undefined {
  const side = BOX * FINE
  const longer = Math.max(digit.width, digit.height)
  const small = longer < side
  const width = small ? (strokeWidth(digit) * BOX) / longer : strokeWidth(scaleTo(digit, side)) / FINE
  const thin = small ? Math.max(THIN, Math.min(FROM_THIN, (LINE * BOX) / longer)) : THIN
  if (longer === BOX ? width >= THINNEST : width >= thin && width <= THICK) return undefined
  const change = width < thin ? FROM_THIN - width : FROM_THICK - width
  const radius = Math.max(-MAX_CHANGE, Math.round((change / 2) * FINE))
  const scaled = scaleTo(digit, side - 2 * radius)
  // the edges of an enlarged picture are as wide as its px were: raising the level of paper moves them inwards
  const pixel = (side - 2 * radius) / longer
  const moved = pixel > 1 ? Math.max(0, Math.min(-radius, Math.floor(pixel * RAISED))) : 0
  const thinned = moved > 0 ? raisePaper(scaled, moved, Math.floor((510 * moved) / pixel)) : scaled
  if (Math.min(thinned.width, thinned.height) + 2 * (radius + moved) <= 0) return undefined
  const grid = thicken(thinned, radius + moved)
  if (!grid.ink.some((v) => v > 0)) return undefined // a blot, of which nothing would be left
  return shrink(grid)
}

/** The digit scaled so that its longer side has `side` px. */
function scaleTo({ width, height, ink }: Grid, side: number): Grid {
  const window = { source: ink, stride: width, left: 0, top: 0, width, height }
  const longer = Math.max(width, height)
  if (longer === side && hasFull(ink)) return { width, height, ink } // as are strokes: they are rasterized at the FINE size
  const outWidth = Math.ceil((width * side) / longer)
  const outHeight = Math.ceil((height * side) / longer)
  const values = VALUES.subarray(0, outWidth * outHeight)
  return stretch(resample(window, side / longer, outWidth, outHeight, values), outWidth, outHeight)
}

function hasFull(ink: Uint8Array): boolean {
  for (let p = 0; p < ink.length; p++) if (ink[p] >= FULL) return true
  return false
}

/** Scales a grid of the FINE size to the final size. */
function shrink(grid: Grid): Grid {
  const { width, height, ink } = grid
  const outWidth = Math.ceil(width / FINE)
  const outHeight = Math.ceil(height / FINE)
  const window = { source: ink, stride: width, left: 0, top: 0, width, height }
  const values = VALUES.subarray(0, outWidth * outHeight)
  return stretch(resample(window, 1 / FINE, outWidth, outHeight, values), outWidth, outHeight)
}

/** Rounds to bytes, with the contrast stretched so that the darkest ink is full. */
function stretch(values: Float64Array, width: number, height: number): Grid {
  let peak = 0
  for (let i = 0; i < values.length; i++) if (values[i] > peak) peak = values[i]
  const gain = peak >= FULL ? 1 : 255 / peak
  const ink = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) {
    if (values[i] > 0) ink[i] = Math.floor(Math.min(255, values[i] * gain) + 0.5)
  }
  return { width, height, ink }
}

/** Places the box in the 28x28 px by whole px, with its centre of mass in [13.5, 14.5) unless that would cut off ink. */
function centre(box: Grid): Uint8Array {
  const { width, height, ink } = box
  let mass = 0
  let massX = 0
  let massY = 0
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      mass += ink[p]
      massX += ink[p] * x
      massY += ink[p] * y
    }
  }
  const left = place(massX / mass, width)
  const top = place(massY / mass, height)
  const output = new Uint8Array(PIXELS)
  for (let y = 0, p = 0; y < height; y++) {
    const to = (top + y) * SIDE + left
    for (let x = 0; x < width; x++, p++) output[to + x] = ink[p]
  }
  return output
}

/** Offset of a box of `size` px that brings its pixel coordinate `middle` to the middle. */
function place(middle: number, size: number): number {
  return Math.max(0, Math.min(SIDE - size, Math.ceil(SIDE / 2 - 0.5 - middle)))
}
