/** One component of an image while it is decoded: the coefficients of a row of units, and the samples that become of them. */

import { BLOCK, type FrameHeader } from './frame.ts'
import { COEFFICIENTS } from './quantisation.ts'

/** An image's size in units: the smallest areas that hold whole blocks of every component. */
export interface Units {
  readonly columns: number
  readonly rows: number
  readonly h: number // largest sampling factor per row; a unit is 8 * h px wide
  readonly v: number // per column
}

/** Blocks of a row of units are numbered row by row. */
export interface Plane {
  readonly h: number // blocks of a unit, per row
  readonly v: number // per column
  readonly columns: number // blocks per row that hold pixels of the image
  readonly rows: number // blocks per column of the whole component that do
  readonly stride: number // blocks per row of whole units
  readonly coefficients: Int16Array // of a row of units, [v * stride][64], row by row, not yet multiplied by `quantisation`
  readonly extents: Uint8Array // [v * stride], last coefficient in zigzag order that may not be 0
  readonly quantisation: Uint16Array // [64], row by row
  readonly blockWidth: number // samples of a block after reduction: 8, 4 or 2
  readonly blockHeight: number
  readonly perColumn: number // samples per pixel of the result: 1, or less where they are to be interpolated
  readonly perRow: number
  readonly width: number // samples of a row that show the image
  readonly height: number
  readonly samples: Uint8Array<ArrayBuffer> // of the whole component, [rows * blockHeight][columns * blockWidth]
}

export function countUnits({ width, height, components }: FrameHeader): Units {
  const h = components.reduce((most, component) => Math.max(most, component.h), 1)
  const v = components.reduce((most, component) => Math.max(most, component.v), 1)
  return { columns: Math.ceil(width / (BLOCK * h)), rows: Math.ceil(height / (BLOCK * v)), h, v }
}

/**
 * The planes of a frame.
 * @param factor 1, 2 or 4: pixels per side that become one
 */
export function layPlanes(
  { width, height, components }: FrameHeader,
  units: Units,
  quantisations: readonly Uint16Array[],
  factor: number,
): Plane[] {
  return components.map(({ h, v }, index) => {
    const stride = units.columns * h
    const columns = Math.ceil((width * h) / (units.h * BLOCK))
    const rows = Math.ceil((height * v) / (units.v * BLOCK))
    const blockWidth = BLOCK / reduction(factor, h, units.h)
    const blockHeight = BLOCK / reduction(factor, v, units.v)
    const perColumn = (factor * h * blockWidth) / (units.h * BLOCK)
    const perRow = (factor * v * blockHeight) / (units.v * BLOCK)
    return {
      h,
      v,
      columns,
      rows,
      stride,
      coefficients: new Int16Array(v * stride * COEFFICIENTS),
      extents: new Uint8Array(v * stride),
      quantisation: quantisations[index],
      blockWidth,
      blockHeight,
      perColumn,
      perRow,
      width: Math.min(columns * blockWidth, Math.ceil(Math.ceil(width / factor) * perColumn)),
      height: Math.min(rows * blockHeight, Math.ceil(Math.ceil(height / factor) * perRow)),
      samples: new Uint8Array(rows * blockHeight * columns * blockWidth),
    }
  })
}

/** By how much a component's samples are reduced, 1, 2 or 4: as far as there remains one for each pixel of the result. */
function reduction(factor: number, sampling: number, most: number): number {
  let reduced = factor
  while (reduced > 1 && reduced * most > factor * sampling) reduced /= 2
  return reduced
}
