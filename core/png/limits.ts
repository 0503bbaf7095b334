/** Limits on an uploaded PNG, in every dimension that its sender chooses. */

import { SIZE_LIMITS, type SizeLimits } from '../picture/size.ts'

export interface PngLimits extends SizeLimits {
  readonly maxInflated: number // bytes, filter bytes included
  readonly maxWhole: number // bytes; with more, image data is inflated in pieces
  readonly maxChunks: number // of any kind
  readonly maxAncillary: number // chunks
}

export const PNG_LIMITS: PngLimits = {
  ...SIZE_LIMITS,
  maxInflated: 67_116_544, // the most pixels in RGBA of 8 bits, interlaced
  maxWhole: 4_198_400, // 1,024 x 1,024 px of the same
  maxChunks: 4096,
  maxAncillary: 128,
}
