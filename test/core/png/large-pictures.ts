/**
 * Large pictures as people send them, made from pen strokes: a photograph of a page, a scan of a page, a screenshot. Files of a few kB
 * to 3 MB, with all row filters.
 */

import { deflateSync } from 'node:zlib'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { chunk, file, ihdr } from './writer.ts'

/** A drawing in a picture: its strokes, of 280 units a side, and where they are. */
export interface Drawing {
  readonly strokes: Strokes
  readonly left: number // px
  readonly top: number // px
  readonly side: number // px
  readonly pen: number // width of the line, px
}

/** Units per side of the strokes in test/fixtures/strokes.json. */
const UNITS = 280

/** A photograph of 12 megapixels: 4032 x 3024 px in RGB, lit from one corner, with the shadow of a hand, noise, and blue ink. */
export function photograph(drawing: Drawing, seed: number): Uint8Array<ArrayBuffer> {
  const [width, height] = [4032, 3024]
  const ink = draw(drawing)
  const random = new Random(seed, 0)
  const noise = Uint8Array.from({ length: 65_536 }, () => (random.below(12) === 0 ? 1 : 0))
  const light = (x: number, y: number) => 225 - 0.018 * x - 0.02 * y - 25 / (1 + Math.exp((x - 3000 + 0.5 * y) / -150))
  const rows = filteredRows(width, height, 3, (row, y) => {
    const first = random.below(noise.length)
    for (let x = 0; x < width; x++) {
      const level = light(x, y) + noise[(first + x) & 0xffff]
      const share = 1 - coverage(ink, drawing, x, y) / 255
      row[3 * x] = level * (0.15 + 0.85 * share)
      row[3 * x + 1] = (level - 4) * (0.2 + 0.8 * share)
      row[3 * x + 2] = (level - 14) * (0.45 + 0.55 * share)
    }
  })
  return png(width, height, [8, 2], rows)
}

/** A page of A4 scanned at 300 dpi: 2480 x 3508 px, in 1 bit or 8 bits of grey, with specks of dust. */
export function scan(drawing: Drawing, depth: 1 | 8, seed: number): Uint8Array<ArrayBuffer> {
  const [width, height] = [2480, 3508]
  const ink = draw(drawing)
  const random = new Random(seed, 1)
  const specks = new Set(Array.from({ length: 60 }, () => random.below(width * height)))
  const level = (x: number, y: number) => (specks.has(y * width + x) ? 0 : 255 - coverage(ink, drawing, x, y))
  const rows = filteredRows(Math.ceil((width * depth) / 8), height, 1, (row, y) => {
    if (depth === 8) for (let x = 0; x < width; x++) row[x] = level(x, y)
    else row.fill(0)
    if (depth === 1) for (let x = 0; x < width; x++) if (level(x, y) > 127) row[x >> 3] |= 128 >> (x & 7)
  })
  return png(width, height, [depth, 0], rows)
}

/** A screenshot of a drawing program: 2880 x 1800 px in RGBA, dark red on white. */
export function screenshot(drawing: Drawing): Uint8Array<ArrayBuffer> {
  const [width, height] = [2880, 1800]
  const ink = draw(drawing)
  const rows = filteredRows(width, height, 4, (row, y) => {
    row.fill(255)
    for (let x = drawing.left; x < drawing.left + drawing.side; x++) {
      const covered = coverage(ink, drawing, x, y)
      row[4 * x] -= covered >> 1
      row[4 * x + 1] -= covered
      row[4 * x + 2] -= covered
    }
  })
  return png(width, height, [8, 6], rows)
}

/** A file of these filtered rows. */
export function png(
  width: number,
  height: number,
  [depth, colour, interlace = 0]: readonly number[],
  rows: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const data = deflateSync(rows, { level: 6 })
  return file(ihdr({ width, height, rest: [depth, colour, 0, 0, interlace] }), chunk('IDAT', data), chunk('IEND'))
}

/** How much of each pixel the pen covers, [side][side], 0..255. */
function draw({ strokes, side, pen }: Drawing): Uint8Array {
  const covered = new Uint8Array(side * side)
  const scale = side / UNITS
  for (const stroke of strokes) {
    for (let k = 1; k < stroke.length; k++) {
      const [x0, y0] = stroke[k - 1].map((unit) => unit * scale)
      const [x1, y1] = stroke[k].map((unit) => unit * scale)
      const reach = pen / 2 + 1
      for (let y = Math.floor(Math.min(y0, y1) - reach); y < Math.max(y0, y1) + reach; y++) {
        for (let x = Math.floor(Math.min(x0, x1) - reach); x < Math.max(x0, x1) + reach; x++) {
          const share = Math.max(0, Math.min(1, pen / 2 + 0.5 - distance(x - x0, y - y0, x1 - x0, y1 - y0)))
          const p = y * side + x
          covered[p] = Math.max(covered[p], 255 * share)
        }
      }
    }
  }
  return covered
}

/** From a point to the segment between (0, 0) and (dx, dy). */
function distance(x: number, y: number, dx: number, dy: number): number {
  const t = Math.max(0, Math.min(1, (x * dx + y * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x - t * dx, y - t * dy)
}

function coverage(ink: Uint8Array, { left, top, side }: Drawing, x: number, y: number): number {
  return x >= left && x < left + side && y >= top && y < top + side ? ink[(y - top) * side + x - left] : 0
}

/** Rows of `width` pixels of `pixel` bytes, filled one by one, each with the next of the five filters. */
function filteredRows(
  width: number,
  height: number,
  pixel: number,
  fill: (row: Uint8Array, y: number) => void,
): Uint8Array {
  const bytes = width * pixel
  const filtered = new Uint8Array(height * (1 + bytes))
  let above = new Uint8Array(pixel + bytes) // each with a pixel of zeros before it
  let row = new Uint8Array(pixel + bytes)
  for (let y = 0, to = 0; y < height; y++) {
    fill(row.subarray(pixel), y)
    const filter = y % 5
    filtered[to++] = filter
    for (let i = pixel; i < row.length; i++) {
      const [a, b, c] = [row[i - pixel], above[i], above[i - pixel]]
      const predicted =
        filter === 0 ? 0 : filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : nearest(a, b, c)
      filtered[to++] = row[i] - predicted
    }
    ;[above, row] = [row, above]
  }
  return filtered
}

/** Paeth's predictor. */
function nearest(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}
