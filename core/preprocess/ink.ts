/**
 * The amount of ink on every pixel: the distance of its colour from the paper's colour, and the levels up to which such a distance
 * is only noise of the paper.
 */

import type { Raster } from '../data/raster.ts'
import { InputError } from '../errors.ts'
import { type Amounts, judgeAmounts, thresholds } from './levels.ts'
import { findPaper, type Paper, pixelKeys } from './paper.ts'
import { fitShade, type Shade } from './shade.ts'
import { findUnevenInk, needsSurroundings } from './uneven.ts'

/** Ink over a picture. */
export interface Ink {
  readonly width: number // px
  readonly height: number // px
  readonly amount: Uint8Array // width * height, row-major; 0 = paper, 255 = as far from it as colours can be
  readonly floor: number // 0..255, amounts up to this may be noise of the paper
  readonly solid: number // 1..255, amounts from this on are certainly ink
}

/** Least amount of ink, 0..255; a picture with less is blank. */
const MIN_CONTRAST = 16

/** Largest share of a picture that ink may cover, 0..1; beyond it the paper is unknown. */
const MAX_COVER = 0.9

/** Largest median noise of paper, 0..255; with more, the picture is not a drawing on paper. */
const MAX_NOISE = 16

/** Largest median noise of evenly lit paper, 0..255. */
const FLAT = 1

/**
 * The ink of a picture. A pixel's amount is its alpha times the largest difference of a channel from the paper, or its alpha where
 * the paper is transparent. Both are linear from paper to ink, so antialiased edges keep their coverage.
 * @param amount written, [height][width]; allocated unless given
 * @throws InputError 422 blank_image, no_background
 */
export function findInk(image: Raster, amount = new Uint8Array(image.width * image.height)): Ink {
  const { width, height } = image
  const paper = findPaper(image)
  let amounts = measurePlain(image, paper, amount)
  if (
    !paper.clear &&
    image.paper === undefined &&
    (amounts.noise > MAX_NOISE || needsSurroundings(amounts, width, height))
  ) {
    const uneven = findUnevenInk(image, paper, amounts)
    if (uneven) return separate(uneven, width, height, uneven.print)
    amounts = measurePlain(image, paper, amount)
  }
  return separate(amounts, width, height)
}

/** The amounts on paper of one colour, or of one that varies smoothly. */
function measurePlain(image: Raster, paper: Paper, amount: Uint8Array): Amounts {
  const { width, height } = image
  const levels = paper.clear ? measureAlpha(image, amount) : measureColour(image, paper, amount)
  const even = judgeAmounts(amount, levels, width, height)
  if (paper.clear || even.noise <= FLAT) return even
  return judgeAmounts(amount, measureShaded(image, fitShade(image, paper), amount), width, height)
}

/** The ink among the amounts; `print` is the largest amount that is not ink but lines printed on the paper, 0..255. */
function separate(amounts: Amounts, width: number, height: number, print = 0): Ink {
  const { amount, levels, full, noise } = amounts
  if (full < MIN_CONTRAST) {
    throw new InputError(
      422,
      'blank_image',
      `No ink: colours differ by ${full} of 255 levels, at least ${MIN_CONTRAST} are needed`,
    )
  }
  if (noise > MAX_NOISE)
    throw new InputError(422, 'no_background', 'No plain paper: a drawing needs a background of one colour')
  const least = thresholds(amounts)
  const floor = Math.max(least.floor, print)
  const solid = Math.max(least.solid, floor + 1)
  if (solid > full) throw new InputError(422, 'blank_image', 'No ink: nothing stands out from the noise of the paper')
  let inked = 0
  for (let v = solid; v < 256; v++) inked += levels[v]
  if (inked > MAX_COVER * width * height) {
    const percent = Math.floor((100 * inked) / (width * height))
    throw new InputError(
      422,
      'no_background',
      `Ink covers ${percent} % of the picture, at most ${MAX_COVER * 100} % is expected`,
    )
  }
  return { width, height, amount, floor, solid }
}

/** Fills `amount` with the alpha channel; returns the histogram of amounts, [256]. */
function measureAlpha(image: Raster, amount: Uint8Array): Uint32Array {
  const levels = new Uint32Array(256)
  for (let p = 0; p < amount.length; p++) {
    const v = image.data[p * 4 + 3]
    amount[p] = v
    levels[v]++
  }
  return levels
}

/** Fills `amount` with distances from the paper's colour; returns the histogram of amounts, [256]. */
function measureColour(image: Raster, { red, green, blue }: Paper, amount: Uint8Array): Uint32Array {
  if (image.channels === 1 && red === 0) return countLevels(image, amount)
  const levels = new Uint32Array(256)
  const keys = pixelKeys(image)
  amount.fill(0)
  for (let p = 0, end = 0; p < keys.length; p = end) {
    const key = keys[p]
    end = p + 1
    // most of a picture is paper: four pixels at a time
    while (end + 3 < keys.length && same4(keys, end, key)) end += 4
    while (end < keys.length && keys[end] === key) end++
    const v = distance(image, p, red, green, blue)
    if (v > 0) for (let q = p; q < end; q++) amount[q] = v
    levels[v] += end - p
  }
  return levels
}

/** As measureColour, for a grey picture on paper of level 0: its bytes are the distances. */
function countLevels({ data }: Raster, amount: Uint8Array): Uint32Array {
  amount.set(data)
  const levels = new Uint32Array(256)
  const words = new Uint32Array(amount.buffer, amount.byteOffset, amount.length >> 2)
  for (let w = 0; w < words.length; w++) {
    const word = words[w]
    if (word === 0) continue
    levels[word & 255]++
    levels[(word >> 8) & 255]++
    levels[(word >> 16) & 255]++
    levels[word >>> 24]++
  }
  for (let p = words.length * 4; p < amount.length; p++) levels[amount[p]]++
  let inked = 0
  for (let v = 1; v < 256; v++) inked += levels[v]
  levels[0] = amount.length - inked
  return levels
}

function same4(keys: ReturnType<typeof pixelKeys>, p: number, key: number): boolean {
  return ((keys[p] ^ key) | (keys[p + 1] ^ key) | (keys[p + 2] ^ key) | (keys[p + 3] ^ key)) === 0
}

/** As measureColour, for paper whose colour varies across the picture. */
function measureShaded(image: Raster, shade: Shade, amount: Uint8Array): Uint32Array {
  const { width, height } = image
  const levels = new Uint32Array(256)
  const row = new Uint8Array(3 * width) // the paper's colour along one row, channel after channel
  for (let y = 0, p = 0; y < height; y++) {
    shade.row(y, row)
    for (let x = 0; x < width; x++, p++) {
      const v = distance(image, p, row[x], row[width + x], row[2 * width + x])
      amount[p] = v
      levels[v]++
    }
  }
  return levels
}

/** The largest difference of a channel of a pixel from a colour, times the pixel's alpha: 0..255. */
function distance({ channels, data }: Raster, pixel: number, red: number, green: number, blue: number): number {
  const i = pixel * channels
  const first = Math.abs(data[i] - red)
  if (channels === 1) return first
  const v = Math.max(first, Math.abs(data[i + 1] - green), Math.abs(data[i + 2] - blue))
  return data[i + 3] === 255 ? v : Math.floor((v * data[i + 3]) / 255 + 0.5)
}
