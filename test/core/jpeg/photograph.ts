/** Compresses pixels as cameras do: luminance and two differences, of half the resolution or not, quantised by quality (T.81, annex K). */

import type { Raster } from '../../../core/data/raster.ts'
import { ZIGZAG } from '../../../core/jpeg/quantisation.ts'
import { type Picture, unitsIn } from './writer.ts'

/** The tables of annex K in zigzag order, at quality 50. */
const LUMA = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
  60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121,
  112, 100, 120, 92, 101, 103, 99,
]
const COLOUR = [17, 18, 18, 24, 21, 24, 47, 26, 26, 47, ...Array<number>(54).fill(99)]
COLOUR[10] = 66

/** libjpeg's scale of quality, 1..100. */
function tableOf(base: readonly number[], quality: number): number[] {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
  const table = new Array<number>(64)
  base.forEach((value, k) => {
    table[ZIGZAG[k]] = Math.max(1, Math.min(255, Math.floor((value * scale + 50) / 100)))
  })
  return table
}

/** The DCT matrix: [frequency][sample]. */
const MATRIX = Float64Array.from({ length: 64 }, (_, k) => {
  const [u, x] = [k >> 3, k & 7]
  return Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1) * 0.5
})

/** The quantised coefficients of 64 samples. */
function blockOf(samples: Float64Array, table: readonly number[]): Int16Array {
  const rows = new Float64Array(64)
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++)
      for (let x = 0; x < 8; x++) rows[8 * y + u] += MATRIX[8 * u + x] * (samples[8 * y + x] - 128)
  const block = new Int16Array(64)
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0
      for (let y = 0; y < 8; y++) sum += MATRIX[8 * v + y] * rows[8 * y + u]
      block[8 * v + u] = Math.round(sum / table[8 * v + u])
    }
  }
  return block
}

/** Luminance and the two differences of all pixels. */
function planesOf(data: ArrayLike<number>): Float64Array[] {
  const planes = [0, 1, 2].map(() => new Float64Array(data.length / 4))
  for (let p = 0, i = 0; i < data.length; p++, i += 4) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]]
    planes[0][p] = 0.299 * r + 0.587 * g + 0.114 * b
    planes[1][p] = 128 - 0.168736 * r - 0.331264 * g + 0.5 * b
    planes[2][p] = 128 + 0.5 * r - 0.418688 * g - 0.081312 * b
  }
  return planes
}

/**
 * An opaque RGBA picture as coefficients.
 * @param quality 1..100
 * @param halved whether colour has half the resolution (4:2:0)
 */
export function photograph({ width, height, data }: Raster, quality: number, halved: boolean): Picture {
  const size = halved ? 2 : 1
  const units = unitsIn({ width, height, components: [{ h: size, v: size }] })
  const planes = planesOf(data)
  const components = [0, 1, 2].map((component) => {
    const [own, step] = component === 0 ? [size, 1] : [1, size]
    const quantisation = tableOf(component === 0 ? LUMA : COLOUR, quality)
    const stride = units.columns * own
    const blocks = Array.from({ length: stride * units.rows * own }, (_, block) => {
      const [left, top] = [8 * (block % stride) * step, 8 * Math.floor(block / stride) * step]
      const samples = new Float64Array(64)
      for (let y = 0; y < 8 * step; y++) {
        const row = Math.min(height - 1, top + y) * width
        for (let x = 0; x < 8 * step; x++) {
          const k = 8 * Math.floor(y / step) + Math.floor(x / step)
          samples[k] += planes[component][row + Math.min(width - 1, left + x)] / (step * step)
        }
      }
      return blockOf(samples, quantisation)
    })
    return { id: component + 1, h: own, v: own, quantisation, blocks }
  })
  return { width, height, components }
}
