/** Strokes thicker or thinner by fractions of a pixel: a mixture of a picture with its dilation or erosion. */

import { SIDE } from '../data/dataset.ts'

/** Paper around the image in a padded picture, px. */
export const MARGIN = 3

/** Side of a padded picture, px. */
export const PADDED = SIDE + 2 * MARGIN

/** Part of a padded picture, px, ends included. */
export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/**
 * Moves every edge outwards (or inwards) by `by` px: a mixture of the picture with the largest (least) level of each pixel and its
 * four neighbours, which moves an edge by 1 px.
 * @param output [34][34], padded; written within the box, and cleared elsewhere
 * @param input [34][34], padded
 * @param by px, from -1 to 1
 * @param box of the ink, with 1 px around it
 * @returns factor that makes the output's darkest pixel as dark as the input's: erosion makes thin strokes paler
 */
export function moveEdges(output: Float64Array, input: Float64Array, by: number, box: Box): number {
  const grow = by > 0
  const share = grow ? by : -by
  let darkest = 0 // of the output
  let dark = 0 // of the input
  output.fill(0)
  for (let y = box.top; y <= box.bottom; y++) {
    for (let p = y * PADDED + box.left, end = y * PADDED + box.right; p <= end; p++) {
      const centre = input[p]
      const left = input[p - 1]
      const right = input[p + 1]
      const above = input[p - PADDED]
      const below = input[p + PADDED]
      let extreme = centre
      if (grow) {
        if (left > extreme) extreme = left
        if (right > extreme) extreme = right
        if (above > extreme) extreme = above
        if (below > extreme) extreme = below
      } else {
        if (left < extreme) extreme = left
        if (right < extreme) extreme = right
        if (above < extreme) extreme = above
        if (below < extreme) extreme = below
      }
      const level = centre + share * (extreme - centre)
      output[p] = level
      if (level > darkest) darkest = level
      if (centre > dark) dark = centre
    }
  }
  return darkest > 0 ? dark / darkest : 1
}
