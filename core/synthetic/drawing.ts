/** A drawing that no person drew as it is: what the seeded generators of this room return. */

import type { Strokes } from '../protocol.ts'

export interface SyntheticDrawing {
  readonly label: number // 0..9, or 10: not a digit
  readonly writer: string // all drawings of a writer belong in the same part of a split
  readonly strokes: Strokes
  readonly pen?: number // diameter of the pen, px of the 112 px raster of rasterizeStrokes
}
