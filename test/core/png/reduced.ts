/** The box mean that strips are compared with, written down plainly. */

import type { Raster } from '../../../core/data/raster.ts'

/** The mean of each box: alpha plainly, colours weighed by alpha. */
export function reduce({ width, height, data }: Raster, factor: number): number[] {
  const means: number[] = []
  for (let top = 0; top < height; top += factor) {
    for (let left = 0; left < width; left += factor) {
      const sums = [0, 0, 0, 0]
      let pixels = 0
      for (let y = top; y < Math.min(height, top + factor); y++) {
        for (let x = left; x < Math.min(width, left + factor); x++, pixels++) {
          const alpha = data[4 * (y * width + x) + 3]
          for (let c = 0; c < 3; c++) sums[c] += alpha * data[4 * (y * width + x) + c]
          sums[3] += alpha
        }
      }
      for (let c = 0; c < 3; c++) means.push(sums[3] === 0 ? 0 : sums[c] / sums[3])
      means.push(sums[3] / pixels)
    }
  }
  return means
}

/** The largest difference of a value, times the alpha of its pixel, levels of 0..255; infinite where the sizes differ. */
export function difference(data: ArrayLike<number>, means: readonly number[]): number {
  if (data.length !== means.length) return Infinity
  return Math.max(...means.map((mean, i) => Math.abs(data[i] - mean) * (i % 4 === 3 ? 1 : means[i | 3] / 255)))
}
