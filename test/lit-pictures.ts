/**
 * Photographs and scans of pen drawings, made from strokes: paper with the edges of shadows on it, lines or squares printed on it, or
 * dithered to black and white. Seeded: the same seed and index give the same picture.
 */

import type { Raster } from '../core/data/raster.ts'
import type { Strokes } from '../core/protocol.ts'
import { Random } from '../core/random.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Kinds of pictures. */
export const LIT_KINDS = [
  'plain',
  'shadow',
  'flat shadow',
  'two shadows',
  'shadow corner',
  'shadow strip',
  'vignette',
  'fold',
  'chalk, shadow',
  'ruled',
  'squared',
  'dark squares',
  'ruled photo',
  'squared photo, shadow',
  'ordered dither',
  'diffused dither',
  'noise dither',
] as const

export type LitKind = (typeof LIT_KINDS)[number]

/** Picture of a drawing, 1 or 4 channels; sides are 160 to 430 px. */
export function litPicture(kind: LitKind, strokes: Strokes, seed: number, index: number): Raster {
  const random = new Random(seed, index)
  const between = (low: number, high: number): number => low + (high - low) * random.uniform()
  const width = Math.floor(between(200, 360))
  const height = Math.floor(width * between(0.8, 1.2))
  const side = Math.min(width, height)
  const long = side * between(0.45, 0.85)
  const pen = long * between(0.05, 0.13)
  const cover = drawCover(strokes, width, height, long, pen, between(0, 1), between(0, 1))
  const photo =
    kind !== 'flat shadow' && kind !== 'ruled' && kind !== 'squared' && kind !== 'dark squares' && kind !== 'plain'
  const tint: Colour = photo ? [between(0.88, 1), between(0.88, 1), between(0.8, 1)] : [1, 1, 1]
  const chalk = kind.startsWith('chalk')
  const level = chalk ? between(60, 90) : between(205, 252)
  const paper = tint.map((t) => level * t)
  const dark = chalk ? between(200, 250) : between(15, 60)
  const blue = !chalk && random.uniform() < 0.3
  const ink = [dark, dark + (blue ? 20 : 0), dark + (blue ? 90 : 0)]
  const pixels = width * height
  const planes = paper.map((p, c) => Float64Array.from(cover, (v) => p + (ink[c] - p) * v))
  if (kind.includes('ruled') || kind.includes('square')) {
    printLines(planes, cover, width, height, kind, photo, random)
  }
  const light = new Float64Array(pixels).fill(1)
  const halfPlane = (inset: number, softness: number, strength: number): void => {
    const [nx, ny] = direction(random)
    const reach = (Math.abs(nx) * width + Math.abs(ny) * height) / 2
    const offset = reach * (1 - 2 * inset)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const d = (x - width / 2) * nx + (y - height / 2) * ny - offset
        light[p] *= 1 - strength * ramp(d, softness)
      }
    }
  }
  const softness = random.uniform() < 0.3 ? 0 : between(0, 6) * (random.uniform() < 0.3 ? 4 : 1)
  const strength = between(0.2, 0.6)
  if (kind.endsWith('shadow')) halfPlane(between(0.1, 0.6), softness, strength)
  if (kind === 'two shadows') {
    halfPlane(between(0.1, 0.5), softness, strength * 0.8)
    halfPlane(between(0.1, 0.5), between(0, 6), between(0.2, 0.45))
  }
  if (kind === 'shadow strip') {
    const [nx, ny] = direction(random)
    const middle = between(-0.3, 0.3) * side
    const half = between(0.06, 0.25) * side
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const d = (x - width / 2) * nx + (y - height / 2) * ny - middle
        light[p] *= 1 - strength * ramp(half - Math.abs(d), softness)
      }
    }
  }
  if (kind === 'shadow corner') {
    const [nx, ny] = direction(random)
    const [cx, cy] = [between(0.2, 0.8) * width, between(0.2, 0.8) * height]
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const u = (x - cx) * nx + (y - cy) * ny
        const v = (y - cy) * nx - (x - cx) * ny
        light[p] *= 1 - strength * ramp(Math.min(u, v), softness)
      }
    }
  }
  if (kind === 'vignette') {
    const [cx, cy] = [between(0.3, 0.7) * width, between(0.3, 0.7) * height]
    const fall = between(0.3, 0.7)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const r = ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (side * side * 0.5)
        light[p] *= 1 - fall * Math.min(1, r * r)
      }
    }
  }
  if (kind === 'fold') {
    const [nx, ny] = direction(random)
    const middle = between(-0.35, 0.35) * side
    const other = 1 - between(0.05, 0.35)
    const deep = between(0, 0.35)
    const half = between(1, 3)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const d = (x - width / 2) * nx + (y - height / 2) * ny - middle
        light[p] *= (d > 0 ? other : 1) * (1 - deep * ramp(half - Math.abs(d), 1.5))
      }
    }
  }
  if (photo) {
    const [nx, ny] = direction(random)
    const slope = between(0, 0.25)
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        light[p] *= 1 - slope * (0.5 + ((x - width / 2) * nx + (y - height / 2) * ny) / (1.5 * side))
      }
    }
  }
  for (const plane of planes) for (let p = 0; p < pixels; p++) plane[p] *= light[p]
  if (photo && random.uniform() < 0.7) for (const plane of planes) blur(plane, width, height)
  const noise = photo ? between(0, 5) : 0
  const data = new Uint8ClampedArray(4 * pixels)
  for (let p = 0; p < pixels; p++) {
    const grain = noise * gauss(random)
    for (let c = 0; c < 3; c++) data[4 * p + c] = planes[c][p] + grain
    data[4 * p + 3] = 255
  }
  const picture: Raster = { width, height, channels: 4, data }
  return kind.endsWith('dither') ? dither(picture, kind, random) : picture
}

/** Coverage with ink, 0..1: the strokes scaled to `long` px, placed by shares of the room that is left. */
function drawCover(
  strokes: Strokes,
  width: number,
  height: number,
  long: number,
  pen: number,
  shareX: number,
  shareY: number,
): Float64Array {
  const xs = strokes.flatMap((stroke) => stroke.map(([x]) => x))
  const ys = strokes.flatMap((stroke) => stroke.map(([, y]) => y))
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [w, h] = [Math.max(...xs) - left, Math.max(...ys) - top]
  const scale = (long - pen) / Math.max(w, h, 1e-9)
  const margin = pen / 2 + 4
  const toX = (x: number): number => margin + shareX * (width - 2 * margin - w * scale) + (x - left) * scale
  const toY = (y: number): number => margin + shareY * (height - 2 * margin - h * scale) + (y - top) * scale
  const cover = new Float64Array(width * height)
  const reach = pen / 2 + 0.5
  for (const stroke of strokes) {
    for (let k = 0; k < stroke.length; k++) {
      const [ax, ay] = [toX(stroke[Math.max(0, k - 1)][0]), toY(stroke[Math.max(0, k - 1)][1])]
      const [bx, by] = [toX(stroke[k][0]), toY(stroke[k][1])]
      const [dx, dy] = [bx - ax, by - ay]
      const square = dx * dx + dy * dy
      for (
        let y = Math.max(0, Math.floor(Math.min(ay, by) - reach));
        y <= Math.max(ay, by) + reach && y < height;
        y++
      ) {
        for (
          let x = Math.max(0, Math.floor(Math.min(ax, bx) - reach));
          x <= Math.max(ax, bx) + reach && x < width;
          x++
        ) {
          const t = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square))
          const [ex, ey] = [x - ax - t * dx, y - ay - t * dy]
          const v = Math.min(1, reach - Math.sqrt(ex * ex + ey * ey))
          if (v > cover[y * width + x]) cover[y * width + x] = v
        }
      }
    }
  }
  return cover
}

/** Ruled or squared paper; the pen is drawn over the lines. Photographs show them a little turned. */
function printLines(
  planes: Float64Array[],
  cover: Float64Array,
  width: number,
  height: number,
  kind: LitKind,
  turned: boolean,
  random: Random,
): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform()
  const colours: Colour[] = [
    [110, 160, 220],
    [160, 200, 235],
    [140, 140, 140],
    [190, 190, 190],
    [230, 120, 130],
    [120, 190, 150],
  ]
  const colour: Colour = kind === 'dark squares' ? [40, 40, 40] : colours[random.below(colours.length)]
  const spacing = between(12, 40)
  const thick = random.uniform() < 0.5 ? 1 : 2
  const slope = turned ? between(-0.08, 0.08) : 0
  const length = Math.sqrt(1 + slope * slope)
  const [c, s] = [1 / length, slope / length]
  const phase = between(0, spacing)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const across = [x * -s + y * c, ...(kind.includes('square') ? [x * c + y * s] : [])]
      let line = 0
      for (const a of across) {
        const d = (((a + phase) % spacing) + spacing) % spacing
        const v = turned
          ? Math.max(0, Math.min(1, (thick + 1) / 2 - Math.min(d, spacing - d)))
          : Math.floor(d) < thick
            ? 1
            : 0
        line = Math.max(line, v)
      }
      for (let k = 0; k < 3; k++) {
        const inked = planes[k][p]
        planes[k][p] = Math.min(inked, inked + line * (1 - cover[p]) * (colour[k] - inked))
      }
    }
  }
}

function dither({ width, height, data }: Raster, kind: LitKind, random: Random): Raster {
  const grey = new Float64Array(width * height)
  const gain = random.uniform() < 0.5 ? 1 : 1.15 // scanners often whiten
  for (let p = 0; p < grey.length; p++) {
    grey[p] = Math.min(255, gain * (0.3 * data[4 * p] + 0.6 * data[4 * p + 1] + 0.1 * data[4 * p + 2]))
  }
  const out = new Uint8Array(grey.length)
  const bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      let threshold = 128
      if (kind === 'ordered dither') threshold = (bayer[(y & 3) * 4 + (x & 3)] + 0.5) * 16
      if (kind === 'noise dither') threshold = 255 * (0.1 + 0.8 * random.uniform())
      out[p] = grey[p] >= threshold ? 255 : 0
      if (kind !== 'diffused dither') continue
      const error = grey[p] - out[p]
      if (x + 1 < width) grey[p + 1] += (error * 7) / 16
      if (y + 1 === height) continue
      if (x > 0) grey[p + width - 1] += (error * 3) / 16
      grey[p + width] += (error * 5) / 16
      if (x + 1 < width) grey[p + width + 1] += error / 16
    }
  }
  return { width, height, channels: 1, data: out }
}

/** 0..1, a smooth step of `softness` px from 0 on. */
function ramp(d: number, softness: number): number {
  if (softness === 0) return d > 0 ? 1 : 0
  const t = Math.max(0, Math.min(1, 0.5 + d / (2 * softness)))
  return t * t * (3 - 2 * t)
}

/** A unit vector of any direction: a point of the disc, normalised. */
function direction(random: Random): [number, number] {
  for (;;) {
    const [x, y] = [2 * random.uniform() - 1, 2 * random.uniform() - 1]
    const length = Math.sqrt(x * x + y * y)
    if (length > 0.1 && length <= 1) return [x / length, y / length]
  }
}

/** Near-Gaussian, standard deviation 1: the sum of the four bytes of one draw. */
function gauss(random: Random): number {
  const bytes = random.u32()
  return ((bytes & 255) + ((bytes >>> 8) & 255) + ((bytes >>> 16) & 255) + (bytes >>> 24) - 510) / 147.8
}

/** Means of 3x3 px, in place. */
function blur(plane: Float64Array, width: number, height: number): void {
  const copy = plane.slice()
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, p = y * width + 1; x < width - 1; x++, p++) {
      let sum = 0
      for (let q = p - width; q <= p + width; q += width) sum += copy[q - 1] + copy[q] + copy[q + 1]
      plane[p] = sum / 9
    }
  }
}
