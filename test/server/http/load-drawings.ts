/** What the load is made of: one drawing of each digit, as the page sends it and as strokes. No data set needed. */

import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import type { Strokes } from '../../../core/protocol.ts'
import { rasterizeStrokes } from '../../../core/strokes.ts'

/** Canvas side, px. */
const SIDE = 280

export interface LoadDrawing {
  readonly digit: number
  readonly png: Buffer // 280x280 RGBA, all filters, as libpng chooses them
  readonly strokes: Buffer // JSON
}

/** The ten drawings, dark on white. */
export function loadDrawings(): LoadDrawing[] {
  const file = readFileSync(new URL('../../fixtures/strokes.json', import.meta.url), 'utf8')
  return Object.entries(JSON.parse(file) as Record<string, Strokes>).map(([digit, strokes]) => ({
    digit: Number(digit),
    png: canvasOf(strokes),
    strokes: Buffer.from(JSON.stringify({ strokes })),
  }))
}

/** The strokes' picture, enlarged between its pixels, with edges as sharp as a canvas draws them. */
function canvasOf(strokes: Strokes): Buffer {
  const { width, data } = rasterizeStrokes(strokes)
  const scale = SIDE / width
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= width ? 0 : data[y * width + x])
  const picture = new PNG({ width: SIDE, height: SIDE })
  for (let p = 0; p < SIDE * SIDE; p++) {
    const u = ((p % SIDE) + 0.5) / scale - 0.5
    const v = (Math.floor(p / SIDE) + 0.5) / scale - 0.5
    const [x, y] = [Math.floor(u), Math.floor(v)]
    const upper = at(x, y) + (u - x) * (at(x + 1, y) - at(x, y))
    const lower = at(x, y + 1) + (u - x) * (at(x + 1, y + 1) - at(x, y + 1))
    const ink = upper + (v - y) * (lower - upper)
    const level = 255 - Math.max(0, Math.min(255, Math.round((ink - 64) * 2)))
    picture.data.set([level, level, level, 255], 4 * p)
  }
  return PNG.sync.write(picture, { deflateLevel: 6, deflateStrategy: 0 })
}
