/** Pictures of two colours only, as fax machines and some scanners make them: dithering becomes grey again. */

import type { Raster } from '../data/raster.ts'
import { pixelKeys } from './paper.ts'

/** Side of the box, px, for each of that many px of the picture's longer side: a period of ordered dithering or several. */
const BOX = 4
const PER = 400

/** Whether a picture has two colours at most. */
export function isTwoColoured(image: Raster): boolean {
  const keys = pixelKeys(image)
  const first = keys[0]
  let p = 1
  while (p < keys.length && keys[p] === first) p++
  const second = keys[p]
  while (p < keys.length && (keys[p] === first || keys[p] === second)) p++
  return p >= keys.length
}

/** Every pixel as the mean of a box around it, twice. Alpha stays as it is. */
export function smooth(image: Raster): Raster {
  const { width, height, channels } = image
  const box = BOX * Math.max(1, Math.round(Math.max(width, height) / PER))
  const data = new Uint8Array(image.data)
  const line = new Uint8Array(Math.max(width, height))
  for (let c = 0; c < Math.min(channels, 3); c++) {
    for (const before of [box >> 1, (box >> 1) - 1]) {
      for (let y = 0; y < height; y++) averageLine(data, y * width * channels + c, channels, width, box, before, line)
      for (let x = 0; x < width; x++) averageLine(data, x * channels + c, width * channels, height, box, before, line)
    }
  }
  return { width, height, channels, data }
}

/** Means along a line of `count` values that lie `step` apart, of `box` values from `before` values back; fewer at its ends. */
function averageLine(
  data: Uint8Array,
  start: number,
  step: number,
  count: number,
  box: number,
  before: number,
  line: Uint8Array,
): void {
  for (let k = 0; k < count; k++) line[k] = data[start + k * step]
  let sum = 0
  for (let k = 0; k < Math.min(count, box - before - 1); k++) sum += line[k]
  for (let k = 0; k < count; k++) {
    const enters = k - before + box - 1
    const leaves = k - before - 1
    if (enters < count) sum += line[enters]
    if (leaves >= 0) sum -= line[leaves]
    const values = Math.min(count, enters + 1) - Math.max(0, leaves + 1)
    data[start + k * step] = Math.floor(sum / values + 0.5)
  }
}
