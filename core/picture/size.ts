/** How large a picture may be, and by which factor a large one is reduced while it is decoded: the same for every kind of file. */

import { InputError } from '../errors.ts'

export interface SizeLimits {
  readonly minSide: number // px, of the picture after it was reduced
  readonly maxSide: number // px
  readonly maxPixels: number // px
}

/** A photograph of 12 megapixels has 4,032 x 3,024 px, a page of A4 scanned at 300 dpi 2,480 x 3,508. */
export const SIZE_LIMITS: SizeLimits = { minSide: 8, maxSide: 4096, maxPixels: 16_777_216 }

/** Longest side of a picture that is not reduced, px. */
const LONGEST_SIDE = 1024

/** The factor by which a picture is reduced: the least that leaves at most 1,024 px a side. */
export function reduction(width: number, height: number): number {
  return Math.ceil(Math.max(width, height) / LONGEST_SIDE)
}

/**
 * @param factor by which the picture will be reduced: the shorter side must still be long enough then
 * @throws InputError 413 `image_too_large`, 422 `image_too_small`
 */
export function checkSize(width: number, height: number, factor: number, limits: SizeLimits = SIZE_LIMITS): void {
  const { minSide, maxSide, maxPixels } = limits
  if (Math.max(width, height) > maxSide || width * height > maxPixels) {
    const most = `at most ${maxSide} px a side and ${maxPixels} px in all are accepted`
    throw new InputError(413, 'image_too_large', `image is ${width} x ${height} px, ${most}`)
  }
  const least = factor * (minSide - 1) + 1
  if (Math.min(width, height) < least) {
    const needed = `at least ${least} a side are needed`
    throw new InputError(422, 'image_too_small', `image is ${width} x ${height} px, ${needed}`)
  }
}
