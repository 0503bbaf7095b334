/**
 * A reduced copy of a picture, one channel at a time: means of square cells, and filters of it whose windows are wider than strokes.
 * A picture has at most 96 x 96 cells, so every filter takes bounded time.
 */

import type { Raster } from '../data/raster.ts'

/** Means of cells of size x size px, of fewer px at the right and bottom edge. */
export interface CellGrid {
  readonly columns: number
  readonly rows: number
  readonly size: number // px, side of a cell
  readonly mean: Float64Array // [rows][columns], 0..255
}

/** Most cells along the longer side. */
const MOST = 96

/** Cells of each channel of a picture; pixels that are not opaque count as `blank`, a level for each channel. */
export function reduceToCells(image: Raster, blank: readonly number[]): CellGrid[] {
  const { width, height, channels, data } = image
  const size = Math.ceil(Math.max(width, height) / MOST)
  const columns = Math.ceil(width / size)
  const rows = Math.ceil(height / size)
  const count = channels === 4 ? 3 : 1
  const planes = Array.from({ length: count }, () => new Float64Array(rows * columns))
  for (let y = 0, i = 0; y < height; y++) {
    const base = Math.floor(y / size) * columns
    for (let x = 0, cell = base, end = size; x < width; x++, i += channels) {
      if (x === end) {
        cell++
        end += size
      }
      const opaque = channels === 1 || data[i + 3] === 255
      for (let c = 0; c < count; c++) planes[c][cell] += opaque ? data[i + c] : blank[c]
    }
  }
  for (const mean of planes) {
    for (let cell = 0; cell < mean.length; cell++) {
      const w = Math.min(size, width - (cell % columns) * size)
      const h = Math.min(size, height - Math.floor(cell / columns) * size)
      mean[cell] /= w * h
    }
  }
  return planes.map((mean) => ({ columns, rows, size, mean }))
}

/** Every cell becomes the largest within `reach` cells, or the least if `sign` is -1. Windows end where the picture ends. */
export function extreme(cells: CellGrid, reach: number, sign: 1 | -1): CellGrid {
  const { columns, rows, mean } = cells
  const across = new Float64Array(mean.length)
  const out = new Float64Array(mean.length)
  slide(mean, across, rows, columns, columns, 1, reach, sign)
  slide(across, out, columns, rows, 1, columns, reach, sign)
  return { ...cells, mean: out }
}

/** One direction of `extreme`: `lines` lines that begin `next` apart, of `count` values that lie `step` apart. */
function slide(
  from: Float64Array,
  to: Float64Array,
  lines: number,
  count: number,
  next: number,
  step: number,
  reach: number,
  sign: 1 | -1,
): void {
  for (let line = 0; line < lines; line++) {
    const base = line * next
    for (let k = 0; k < count; k++) {
      const last = Math.min(count - 1, k + reach)
      let best = from[base + k * step]
      for (let j = Math.max(0, k - reach); j <= last; j++) {
        const v = from[base + j * step]
        if (sign > 0 ? v > best : v < best) best = v
      }
      to[base + k * step] = best
    }
  }
}

/** Sums of how far cells are above and below the median of the window around them, beyond `least` levels: strokes stand out. */
export function standOut(
  { columns, rows, mean }: CellGrid,
  reach: number,
  least: number,
): { above: number; below: number } {
  const levels = Uint8Array.from(mean, (v) => Math.floor(v + 0.5))
  const counts = new Int32Array(256)
  let above = 0
  let below = 0
  for (let y = 0; y < rows; y++) {
    const top = Math.max(0, y - reach)
    const bottom = Math.min(rows - 1, y + reach)
    counts.fill(0)
    let total = 0
    let median = 0
    let lower = 0 // cells of the window below `median`
    const change = (x: number, by: 1 | -1): void => {
      for (let v = top; v <= bottom; v++) {
        const level = levels[v * columns + x]
        counts[level] += by
        if (level < median) lower += by
      }
      total += by * (bottom - top + 1)
    }
    for (let x = 0; x <= Math.min(columns - 1, reach); x++) change(x, 1)
    for (let x = 0; x < columns; x++) {
      while (lower * 2 > total) lower -= counts[--median]
      while ((lower + counts[median]) * 2 < total) lower += counts[median++]
      const v = levels[y * columns + x]
      if (v > median + least) above += v - median
      if (v < median - least) below += median - v
      if (x - reach >= 0) change(x - reach, -1)
      if (x + reach + 1 < columns) change(x + reach + 1, 1)
    }
  }
  return { above, below }
}
