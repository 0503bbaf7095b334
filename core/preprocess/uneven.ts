/**
 * Ink on paper that is not of one colour, nor smoothly shaded: with the edges of shadows, or with lines printed on it. Only pictures
 * in which something crosses the outline are looked at, so that plain drawings cost nothing.
 */

import type { Raster } from '../data/raster.ts'
import { type Background, findBackground, measureLocal, paperRange, refineBackground } from './background.ts'
import { type Amounts, judgeAmounts, thresholds } from './levels.ts'
import { LINES, removeDarkLines } from './lines.ts'
import { findCrossings, shadedShare } from './outline.ts'
import type { Paper } from './paper.ts'
import { isTwoColoured, smooth } from './smooth.ts'

/** Amounts, and the largest of them that belongs to lines printed on the paper, 0..255. */
export interface UnevenInk extends Amounts {
  readonly print: number
}

/** Shortest side of a picture that is looked at, px: smaller ones are no photographs, and MNIST's stay what they are. */
const MIN_SIDE = 96

/** Of plain paper: share of the outline, or stretches of it, that a digit does not reach. */
const SHARE = 1 / 10
const STRETCHES = 4

/** Of noisy paper: share of the outline's pieces whose mean is that many times the median noise; of noise alone it is up to 1.8 times. */
const NOISY_SHARE = 1 / 25
const SHADED = 2.5

/** Largest difference of levels within paper of one colour, 0..255. */
const EVEN = 12

/** On paper without noise, shadows and lines were found if at most this share of what crossed the outline is left, 0..1. */
const CLEARED = 0.5

/** Share of all levels that shadows span, 0..1, on paper without noise; what spans more is ink that reaches far along the outline. */
const SHADOW_RANGE = 0.85

/** Noise that paper without noise may seem to have where it is unevenly lit, 0..255. */
const NOISE_OF_LIGHT = 4

/** Print is fainter than the drawing: by this share of full ink at most, 0..1. The band of a shadow is wider than a stroke. */
const FAINT = 0.6
const FAINT_BAND = 0.85
const BAND_SHARE = 1 / 8 // of the longer side

/** Ink stands out by this share, at least, in a channel that is read alone, 0..1. */
const CHANNEL_SHARE = 0.4

/** On paper without noise, of what is about as dark as the darkest ink hardly any is taken for paper, or nearly all, which is shadow. */
const DARK = 0.85 // of full ink, 0..1
const FEW = 0.03 // share, 0..1
const NEARLY_ALL = 0.7

/** Largest median noise of evenly lit paper, 0..255. */
const FLAT = 1

/** Pixels that are compared before and after, about. */
const SAMPLE = 65_536

/** Whether something crosses the outline of the picture that a digit on plain paper would not. */
export function needsSurroundings(amounts: Amounts, width: number, height: number): boolean {
  if (Math.min(width, height) < MIN_SIDE) return false
  const { floor, solid } = thresholds(amounts)
  const crossings = findCrossings(amounts.amount, width, height, solid)
  if (amounts.noise > FLAT) {
    if (crossings.length.length > 0) return true
    return shadedShare(amounts.amount, width, height, amounts.noise * SHADED) > NOISY_SHARE
  }
  if (crossings.length.length >= STRETCHES) return true
  return (
    findCrossings(amounts.amount, width, height, Math.max(floor + 1, solid >> 1)).pixels > SHARE * 2 * (width + height)
  )
}

/**
 * The ink as it differs from the paper around it, without lines; undefined where the paper is plain, whose amounts are better.
 * @param plain as measured on paper of one colour; overwritten
 * @throws InputError 422 no_background where lines are as dark and as wide as the drawing
 */
export function findUnevenInk(image: Raster, paper: Paper, plain: Amounts): UnevenInk | undefined {
  const { width, height } = image
  const dithered = isTwoColoured(image)
  const picture = dithered ? smooth(image) : image
  const wide = findBackground(picture, paper)
  if (!wide) return undefined
  const flat = plain.noise <= FLAT
  if (flat && paperRange(wide).share > SHADOW_RANGE) return undefined
  const before = findCrossings(plain.amount, width, height, thresholds(plain).solid)
  const darkest = flat && before.length.length < LINES ? sampleFrom(plain, width, height, plain.full * DARK) : []
  const background = refineBackground(wide, measure(picture, wide, plain.amount).full)
  const even = flat && !dithered && paperRange(background).levels <= EVEN
  if (even && before.length.length < STRETCHES) return undefined
  const read = readPrint(picture, background, measure(picture, background, plain.amount))
  const local = { ...removeDarkLines(read, width, height, read.print), print: read.print }
  if (flat) {
    if (local.noise > FLAT + NOISE_OF_LIGHT) return undefined
    const least = Math.max(thresholds(local).solid, local.print + 1)
    const after = findCrossings(local.amount, width, height, least)
    if (after.pixels > before.pixels * CLEARED) return undefined
    const lost = darkest.filter((p) => local.amount[p] < least).length / Math.max(1, darkest.length)
    if (lost > FEW && lost < NEARLY_ALL) return undefined // a wide stroke, of which the closing took a part for paper
  }
  return local
}

/** Some of the pixels whose amount is at least `least`. */
function sampleFrom({ amount }: Amounts, width: number, height: number, least: number): number[] {
  const step = Math.ceil(Math.sqrt((width * height) / SAMPLE))
  const found: number[] = []
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) if (amount[y * width + x] >= least) found.push(y * width + x)
  }
  return found
}

function measure(image: Raster, background: Background, amount: Uint8Array, channel?: number): Amounts {
  const { levels, noise } = measureLocal(image, background, amount, channel)
  return { ...judgeAmounts(amount, levels, image.width, image.height), noise }
}

/** Finds lines, by the channel in which they are faintest beside the drawing. */
function readPrint(image: Raster, background: Background, amounts: Amounts): UnevenInk {
  const { width, height } = image
  const all = crossingPeaks(amounts, width, height)
  if (all.length < STRETCHES || background.planes.length === 1)
    return { ...amounts, print: printLevel(amounts, width, height) }
  let best: number | undefined
  let least = typicalPeak(all) / amounts.full
  for (const { channel } of background.planes) {
    const one = measure(image, background, amounts.amount, channel)
    const share = typicalPeak(crossingPeaks(one, width, height)) / Math.max(1, one.full)
    if (one.full < amounts.full * CHANNEL_SHARE || share >= least) continue
    best = channel
    least = share
  }
  const chosen = measure(image, background, amounts.amount, best)
  return { ...chosen, print: printLevel(chosen, width, height) }
}

/** The largest amount of each stretch of the outline that looks like ink. */
function crossingPeaks(amounts: Amounts, width: number, height: number): Uint8Array {
  return findCrossings(amounts.amount, width, height, thresholds(amounts).solid).peak
}

/** The amount that most stretches have at most. */
function typicalPeak(peaks: Uint8Array): number {
  return peaks.length === 0 ? 0 : peaks.slice().sort()[Math.floor(peaks.length * 0.8)]
}

/** The largest amount of what crosses the outline and is fainter than the drawing. */
function printLevel(amounts: Amounts, width: number, height: number): number {
  const crossings = findCrossings(amounts.amount, width, height, thresholds(amounts).floor + 1)
  let print = 0
  crossings.peak.forEach((peak, k) => {
    const band = crossings.length[k] > Math.max(width, height) * BAND_SHARE
    if (peak <= amounts.full * (band ? FAINT_BAND : FAINT)) print = Math.max(print, peak)
  })
  return print
}
