/**
 * How much ink lies on every pixel, whatever its colour: the distance from the paper's colour, and the levels below
 * which such a distance is only the paper's own unevenness.
 */

import type { Raster } from '../data/raster.ts'
import { InputError } from '../errors.ts'
import { findPaper, type Paper, pixelKeys } from './paper.ts'
import { fitShade, type Shade } from './shade.ts'

/** Ink over a picture. */
export interface Ink {
  readonly width: number // px
  readonly height: number // px
  readonly amount: Uint8Array // width * height, row-major; 0 = paper, 255 = as far from it as colours can be
  readonly floor: number // 0..255, paper's noise reaches up to here
  readonly solid: number // 1..255, from here on it is ink beyond doubt
}

/** Least distance of ink from paper, in levels of 0..255; anything paler is a blank picture. */
const MIN_CONTRAST = 16

/** Ink may cover this share of a picture, 0..1; beyond, there is no telling what the paper is. */
const MAX_COVER = 0.9

/** Solid ink has at least this share of the darkest ink's amount, 0..1; what is fainter only counts beside it. */
const SOLID_SHARE = 0.25

/** Noise is taken to end at this multiple of its median; for Gaussian noise in one channel that is 3.4 sigma. */
const NOISE_REACH = 5

/** The paper's median noise, 0..255, from which the picture is no drawing on paper at all. */
const MAX_NOISE = 16

/** A distance up to this, 0..255, is still flat paper. */
const FLAT = 1

/**
 * The ink of a picture. A pixel's amount is its alpha times the greatest difference of a channel from the paper; where the paper
 * is transparency, its alpha. Both grow linearly as paper turns to ink, so antialiased edges keep their coverage.
 * The amounts are written to `amount`, new unless given. Throws InputError 422 blank_image or no_background.
 */
export function findInk(image: Raster, amount = new Uint8Array(image.width * image.height)): Ink {
  const { width, height } = image
  const paper = findPaper(image)
  let levels = paper.clear ? measureAlpha(image, amount) : measureColour(image, paper, amount)
  let full = fullLevel(levels, width, height)
  let noise = medianNoise(levels, full)
  if (!paper.clear && noise > FLAT) {
    levels = measureShaded(image, fitShade(image, paper), amount)
    full = fullLevel(levels, width, height)
    noise = medianNoise(levels, full)
  }
  if (full < MIN_CONTRAST) {
    throw new InputError(
      422,
      'blank_image',
      `No ink: colours differ by ${full} of 255 levels, at least ${MIN_CONTRAST} are needed`,
    )
  }
  if (noise > MAX_NOISE)
    throw new InputError(422, 'no_background', 'No plain paper: a drawing needs a background of one colour')
  const floor = NOISE_REACH * noise
  const solid = Math.max(Math.ceil(full * SOLID_SHARE), floor + 1)
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

/** Fills `amount` with the alpha channel; returns how many pixels have each of the 256 amounts. */
function measureAlpha(image: Raster, amount: Uint8Array): Uint32Array {
  const levels = new Uint32Array(256)
  for (let p = 0; p < amount.length; p++) {
    const v = image.data[p * 4 + 3]
    amount[p] = v
    levels[v]++
  }
  return levels
}

/** Fills `amount` with distances from the paper's colour; returns how many pixels have each amount. */
function measureColour(image: Raster, { red, green, blue }: Paper, amount: Uint8Array): Uint32Array {
  if (image.channels === 1 && red === 0) return countLevels(image, amount)
  const levels = new Uint32Array(256)
  const keys = pixelKeys(image)
  amount.fill(0)
  for (let p = 0, end = 0; p < keys.length; p = end) {
    const key = keys[p]
    end = p + 1
    // most of a picture is paper, and looked at four pixels at a time
    while (end + 3 < keys.length && same4(keys, end, key)) end += 4
    while (end < keys.length && keys[end] === key) end++
    const v = distance(image, p, red, green, blue)
    if (v > 0) for (let q = p; q < end; q++) amount[q] = v
    levels[v] += end - p
  }
  return levels
}

/** As measureColour, of a grey picture on paper of level 0: its bytes are the distances. */
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

/** As measureColour, where the paper's colour varies across the picture. */
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

/** The greatest difference of a channel of a pixel from a colour, times the pixel's alpha: 0..255. */
function distance({ channels, data }: Raster, pixel: number, red: number, green: number, blue: number): number {
  const i = pixel * channels
  const first = Math.abs(data[i] - red)
  if (channels === 1) return first
  const v = Math.max(first, Math.abs(data[i + 1] - green), Math.abs(data[i + 2] - blue))
  return data[i + 3] === 255 ? v : Math.floor((v * data[i + 3]) / 255 + 0.5)
}

/** The amount that as many pixels reach as the shortest stroke has: the darkest ink without a few outliers. */
function fullLevel(levels: Uint32Array, width: number, height: number): number {
  const least = Math.max(1, Math.floor(Math.max(width, height) / 32))
  let count = 0
  for (let v = 255; v > 0; v--) {
    count += levels[v]
    if (count >= least) return v
  }
  return 0
}

/** Median amount over the paper, which is all that lies below half of the full amount. */
function medianNoise(levels: Uint32Array, full: number): number {
  let total = 0
  for (let v = 0; v * 2 < full; v++) total += levels[v]
  let count = 0
  for (let v = 0; v * 2 < full; v++) {
    count += levels[v]
    if (count * 2 >= total) return v
  }
  return 0
}
