/** What a picture of coefficients looks like, straight from the formulas of T.81 (A.3.3) and JFIF, in floating point. */

import type { Raster } from '../../../core/data/raster.ts'
import { type Picture, unitsIn } from './writer.ts'

/** Samples of one component. */
interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Float64Array
}

/** COSINES[8 * x + u]: the part of coefficient u in sample x. */
const COSINES = Float64Array.from({ length: 64 }, (_, k) => {
  const [x, u] = [k >> 3, k & 7]
  return Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1) * 0.5
})

/** The samples of a block of coefficients. */
function samplesOf(block: Int16Array, quantisation: readonly number[]): Float64Array {
  const columns = new Float64Array(64)
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++)
      for (let v = 0; v < 8; v++) columns[8 * y + u] += COSINES[8 * y + v] * block[8 * v + u] * quantisation[8 * v + u]
  const samples = new Float64Array(64).fill(128)
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++)
      for (let u = 0; u < 8; u++) samples[8 * y + x] += COSINES[8 * x + u] * columns[8 * y + u]
  return samples
}

/** A component as it is stored: all samples of the blocks that show the picture. Boxes at its edges reach as far. */
function storedPlane(picture: Picture, index: number): Plane {
  const { h, v, blocks, quantisation } = picture.components[index]
  const units = unitsIn(picture)
  const stride = units.columns * h
  const samples = blocks.map((block) => samplesOf(block, quantisation))
  const width = 8 * Math.ceil((picture.width * h) / (8 * units.h))
  const height = 8 * Math.ceil((picture.height * v) / (8 * units.v))
  const data = new Float64Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data[y * width + x] = samples[(y >> 3) * stride + (x >> 3)][8 * (y & 7) + (x & 7)]
  return { width, height, data }
}

/** A component in the result: first it becomes smaller, as far as it stays as large as the result, then it is stretched to it. */
function planeOf(picture: Picture, index: number, factor: number): Float64Array {
  const { h, v } = picture.components[index]
  const units = unitsIn(picture)
  const [perColumn, perRow] = [(factor * h) / units.h, (factor * v) / units.v]
  const shrink = (samples: number) => (samples >= 4 ? 4 : samples >= 2 ? 2 : 1)
  const small = boxMeans(storedPlane(picture, index), shrink(perColumn), shrink(perRow))
  const width = Math.ceil(picture.width / factor)
  const height = Math.ceil(picture.height / factor)
  const shownWidth = Math.min(small.width, Math.ceil((width * perColumn) / shrink(perColumn)))
  const shownHeight = Math.min(small.height, Math.ceil((height * perRow) / shrink(perRow)))
  const plane = new Float64Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [row, rowShare] of taps(y, perRow / shrink(perRow), shownHeight))
        for (const [column, share] of taps(x, perColumn / shrink(perColumn), shownWidth))
          plane[y * width + x] += small.data[row * small.width + column] * rowShare * share
    }
  }
  return plane
}

/** The samples of which a pixel consists: linear at half the resolution, else the nearest one. */
function taps(pixel: number, perPixel: number, count: number): [sample: number, share: number][] {
  const place = (pixel + 0.5) * perPixel
  if (perPixel !== 0.5) return [[Math.min(count - 1, Math.floor(place)), 1]]
  const first = Math.floor(place - 0.5)
  const share = place - 0.5 - first
  const inside = (sample: number) => Math.max(0, Math.min(count - 1, sample))
  return [
    [inside(first), 1 - share],
    [inside(first + 1), share],
  ]
}

/** The means of boxes of samples, which a plane holds a whole number of. */
function boxMeans(plane: Plane, boxWidth: number, boxHeight: number): Plane {
  const width = plane.width / boxWidth
  const height = plane.height / boxHeight
  const data = new Float64Array(width * height)
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) {
      const box = Math.floor(y / boxHeight) * width + Math.floor(x / boxWidth)
      data[box] += plane.data[y * plane.width + x] / (boxWidth * boxHeight)
    }
  }
  return { width, height, data }
}

/**
 * The pixels of a picture, reduced.
 * @param meaning of three or four components
 */
export function reference(picture: Picture, factor: number, meaning: 'luma' | 'colours'): Raster {
  const { width, height, components } = picture
  const planes = components.map((_, k) => planeOf(picture, k, factor))
  const size = { width: Math.ceil(width / factor), height: Math.ceil(height / factor) }
  if (planes.length === 1) return { ...size, channels: 1, data: Uint8ClampedArray.from(planes[0]) }
  const data = new Uint8ClampedArray(4 * planes[0].length)
  const [first, second, third, black] = planes
  for (let p = 0; p < first.length; p++) {
    const [a, b, c] = [first[p], second[p] - 128, third[p] - 128]
    const rgb = [a + 1.402 * c, a - 0.344136 * b - 0.714136 * c, a + 1.772 * b]
    const colour = meaning === 'luma' ? rgb : [a, second[p], third[p]]
    const share = black === undefined ? 1 : Math.max(0, Math.min(255, black[p])) / 255
    data.set(
      colour.map((level) => Math.max(0, Math.min(255, level)) * share),
      4 * p,
    )
    data[4 * p + 3] = 255
  }
  return { ...size, channels: 4, data }
}
