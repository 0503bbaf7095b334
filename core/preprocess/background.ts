/**
 * Paper that no surface describes: the edges of shadows, folds, two lights. Its colour is taken from the surroundings of every pixel,
 * by a morphological closing of the picture (Serra 1982): strokes are narrower than the window and vanish, shadows are wider and stay,
 * with their edges where they are. Where ink is lighter than its paper it is an opening.
 */

import type { Raster } from '../data/raster.ts'
import { type CellGrid, extreme, reduceToCells, standOut } from './cells.ts'
import type { Paper } from './paper.ts'

/** One channel of the paper. */
interface Plane {
  readonly channel: number
  readonly dark: boolean // ink is darker than the paper
  readonly cells: CellGrid // of the picture
  readonly paper: CellGrid
}

/** The paper around every pixel. */
export interface Background {
  readonly planes: readonly Plane[] // channels in which ink stands out
}

/** Half the side of the filters' window, as shares of the picture's longer side. Strokes are narrower than a fifth. */
const WIDE = 1 / 10
const NARROW = [1 / 16, 1 / 28] as const

/** What a narrower window takes for paper is shadow if it differs from the paper by this share of what ink does, 0..1, at most. */
const SHADOW_SHARE = 0.7

/** Levels by which a stroke stands out from the median around it, at least. */
const LEAST = 10

/** Channels count in which ink stands out by this share of what it does in the clearest, 0..1. */
const CLEAR_SHARE = 0.4

/** Cells by which the darker side of a shadow's edge is taken to be wider: the edge itself must not count as ink. */
const EDGE = 1

/** Levels that dark paper and dark ink are taken to have at least, so that noise in black does not look like ink. */
const BLACK = 48

/** Amounts of paper lie around this level, those of ink above it, until `amountsOn` knows the noise. */
const ZERO = 40
const SCALE = 255 - ZERO

/** The paper around every pixel; undefined if nothing stands out. */
export function findBackground(image: Raster, paper: Paper): Background | undefined {
  const all = reduceToCells(image, [paper.red, paper.green, paper.blue])
  const grey = all.length === 3 && same(all[0].mean, all[1].mean) && same(all[0].mean, all[2].mean)
  const found = (grey ? all.slice(0, 1) : all).map((cells, channel) => {
    const { above, below } = standOut(cells, reachOf(cells, WIDE), LEAST)
    return { channel, cells, dark: below >= above, weight: Math.max(above, below) }
  })
  const most = Math.max(...found.map(({ weight }) => weight))
  if (most === 0) return undefined
  const planes = found
    .filter(({ weight }) => weight >= most * CLEAR_SHARE)
    .map(({ channel, dark, cells }) => ({ channel, dark, cells, paper: close(cells, dark, WIDE) }))
  return { planes }
}

/** The largest difference of the paper's levels within one channel, 0..255, and the same as a share of what ink can differ by, 0..1. */
export function paperRange({ planes }: Background): { levels: number; share: number } {
  let levels = 0
  let share = 0
  for (const { cells, paper } of planes) {
    const range = rangeOf(paper.mean)
    levels = Math.max(levels, range)
    share = Math.max(share, range / Math.max(1, rangeOf(cells.mean)))
  }
  return { levels, share }
}

/**
 * The background by narrower windows, which follow narrow shadows too, wherever they are not filled by strokes: what they take for
 * paper, and the wide window does not, must be fainter than ink.
 * @param full amount of the darkest ink, 0..255
 */
export function refineBackground({ planes }: Background, full: number): Background {
  return { planes: planes.map((plane) => ({ ...plane, paper: refine(plane, full * SHADOW_SHARE) })) }
}

function refine({ cells, dark, paper: wide }: Plane, most: number): CellGrid {
  const mean = wide.mean.slice()
  for (const share of NARROW) {
    const narrow = close(cells, dark, share).mean
    const strokes = narrow.map((v, cell) => (amountOf(wide.mean[cell], v, dark) * 255 > most ? 1 : 0))
    const near = extreme({ ...cells, mean: strokes }, reachOf(cells, share) + EDGE, 1).mean
    for (let cell = 0; cell < mean.length; cell++) if (near[cell] === 0) mean[cell] = narrow[cell]
  }
  return { ...wide, mean }
}

function reachOf({ columns, rows }: CellGrid, share: number): number {
  return Math.max(1, Math.floor(Math.max(columns, rows) * share))
}

function same(a: Float64Array, b: Float64Array): boolean {
  return a.every((v, k) => v === b[k])
}

function rangeOf(values: Float64Array): number {
  let low = values[0]
  let high = values[0]
  for (const v of values) {
    if (v < low) low = v
    if (v > high) high = v
  }
  return high - low
}

/** The closing, or the opening, with every shadow's edge moved outwards. */
function close(cells: CellGrid, dark: boolean, share: number): CellGrid {
  const reach = reachOf(cells, share)
  return extreme(extreme(cells, reach, dark ? 1 : -1), reach + EDGE, dark ? -1 : 1)
}

/** The share of light that ink of level v takes from paper of another level, or gives to it. */
function amountOf(paper: number, v: number, dark: boolean): number {
  return dark ? (paper - v) / Math.max(paper, BLACK) : (v - paper) / Math.max(v, BLACK)
}

/**
 * Fills `amount` with the share of light that ink takes from its paper, times 255: light and shadow make no difference to it. The
 * median of the paper becomes 0.
 * @param channel only this one, 0..2; all in which ink stands out unless given
 * @returns the histogram of amounts, [256], and the noise of the paper
 */
export function measureLocal(
  image: Raster,
  { planes }: Background,
  amount: Uint8Array,
  channel?: number,
): { levels: Uint32Array; noise: number } {
  const { width, height, channels, data } = image
  const used = planes.filter((plane) => channel === undefined || plane.channel === channel)
  amount.fill(0)
  const { size, columns, rows } = used[0].paper
  const across = interpolation(width, size, columns)
  const down = interpolation(height, size, rows)
  const row = new Float64Array(columns)
  for (const { channel: c, dark, paper } of used) {
    const { mean } = paper
    for (let y = 0, p = 0; y < height; y++) {
      const upper = down.first[y] * columns
      const lower = down.second[y] * columns
      for (let x = 0; x < columns; x++) row[x] = mean[upper + x] + (mean[lower + x] - mean[upper + x]) * down.share[y]
      for (let x = 0, i = p * channels + c; x < width; x++, p++, i += channels) {
        const left = row[across.first[x]]
        const level = left + (row[across.second[x]] - left) * across.share[x]
        const v = channels === 4 && data[p * 4 + 3] < 255 ? level : data[i]
        const a = Math.floor(ZERO + amountOf(level, v, dark) * SCALE + 0.5)
        if (a > amount[p]) amount[p] = a
      }
    }
  }
  return removeOffset(amount)
}

/** Shifts amounts so that the median of the picture, which is paper, becomes 0. */
function removeOffset(amount: Uint8Array): { levels: Uint32Array; noise: number } {
  const counts = new Uint32Array(256)
  for (let p = 0; p < amount.length; p++) counts[amount[p]]++
  const median = quantile(counts, amount.length / 2)
  const noise = median - quantile(counts, amount.length / 4) // below the median there is no ink
  const levels = new Uint32Array(256)
  const table = Uint8Array.from({ length: 256 }, (_, v) => Math.max(0, Math.floor(((v - median) * 255) / SCALE + 0.5)))
  for (let v = 0; v < 256; v++) levels[table[v]] += counts[v]
  for (let p = 0; p < amount.length; p++) amount[p] = table[amount[p]]
  return { levels, noise }
}

function quantile(counts: Uint32Array, rank: number): number {
  let count = 0
  for (let v = 0; v < 256; v++) {
    count += counts[v]
    if (count >= rank) return v
  }
  return 255
}

/** For every pixel along a side the two cells whose middles it lies between, and the share of the second. */
function interpolation(
  length: number,
  size: number,
  count: number,
): { first: Int32Array; second: Int32Array; share: Float64Array } {
  const first = new Int32Array(length)
  const second = new Int32Array(length)
  const share = new Float64Array(length)
  for (let k = 0; k < length; k++) {
    const at = (k + 0.5) / size - 0.5
    const cell = Math.max(0, Math.min(count - 1, Math.floor(at)))
    first[k] = cell
    second[k] = Math.min(count - 1, cell + 1)
    share[k] = Math.max(0, at - cell)
  }
  return { first, second, share }
}
