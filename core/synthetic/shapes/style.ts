/** What a style of a digit is. */

import type { Draws } from '../draws.ts'
import type { Skeleton } from '../skeleton.ts'

export interface Style {
  readonly name: string
  readonly weight: number // how often, relative to the digit's other styles
  readonly pen: number // thickest pen with which it can be told, px of the 112 px raster
  readonly sharp?: boolean // reads otherwise with rounded corners, or with curves that became polygons
  readonly skeleton: (draws: Draws, square: number) => Skeleton // square: 0 round bowls to 1 rectangular ones
}
